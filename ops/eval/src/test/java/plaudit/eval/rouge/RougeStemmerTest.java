package plaudit.eval.rouge;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RougeStemmerTest {

  @ParameterizedTest
  @CsvSource({
    "caresses, caress", // 1a: sses -> ss
    "ponies, poni", // 1a: ies -> i
    "cats, cat",
    "feed, feed", // 1b: eed with measure 0 stays
    "agreed, agre", // eed -> ee, then 5: m > 0 and the final e goes
    "plastered, plaster",
    "motoring, motor",
    "sing, sing", // no vowel before ing
    "conflated, conflat", // at -> ate, then 5
    "hopping, hop", // double consonant
    "falling, fall", // but not l, s, z
    "filing, file", // *o: consonant vowel consonant
    "happy, happi", // 1c
    "relational, relat", // 2: ational -> ate
    "radically, radic", // 2: alli -> al, 3: ical -> ic
    "hopefulness, hope", // 2: fulness -> ful, 3: ful ->
    "analogies, analog", // 1a, 2: logi -> log
    "allowance, allow", // 4
    "adoption, adopt", // 4: tion
    "controlling, control", // 5b: ll -> l
    "yearly, yearli" // the first y is a consonant
  })
  void stepsAreThoseOfThePaper(String word, String stem) {
    assertThat(RougeStemmer.stem(word)).isEqualTo(stem);
  }

  @ParameterizedTest
  @CsvSource({
    "element, elem", // "el" is too short for -ement, "elem" is long enough for -ent
    "statement, statem",
    "document, docum",
    "implementation, implem", // ation -> ate, ate ->, then -ent
    "dimensional, dimens", // al ->, then sion
    "professional, profess",
    "occasionally, occas"
  })
  void stepFourLooksTwiceAsInRouge(String word, String stem) {
    assertThat(RougeStemmer.stem(word)).isEqualTo(stem);
  }

  @Property
  void aStemIsNeverEmptyAndAtMostOneLetterLonger(
      @ForAll @CharRange(from = 'a', to = 'z') @StringLength(min = 1, max = 12) String word) {
    assertThat(RougeStemmer.stem(word).length()).isBetween(1, word.length());
  }
}
