package plaudit.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NewsTextTest {

  @Test
  void theBylineGoesWithTheLineAfterIt() {
    assertThat(NewsText.article("By\n. Jane Roe\n\nA dog barked.")).isEqualTo("A dog barked.");
    assertThat(NewsText.article("By Jane Roe\nand Staff\n\nA dog barked."))
        .isEqualTo("A dog barked.");
    assertThat(NewsText.article("By\n. Jane Roe\nand Staff\nA dog barked."))
        .isEqualTo("A dog barked.");
  }

  @Test
  void anArticleThatBeginsWithTheWordByKeepsItsLines() {
    String article = "By noon the square was full, and by one o'clock nobody could move.\n\nMore.";

    assertThat(NewsText.article(article)).isEqualTo(article);
  }

  @Test
  void whatStandsBeforeTheDatelineOfCnnGoes() {
    assertThat(NewsText.article("LONDON, England (CNN)  -- A dog barked."))
        .isEqualTo("A dog barked.");
    assertThat(NewsText.article("(CNN)A dog barked.")).isEqualTo("A dog barked.");
    String late = "A dog barked. ".repeat(10) + "(CNN) said so.";
    assertThat(NewsText.article(late)).isEqualTo(late);
  }

  @Test
  void theDatesOfPublicationGo() {
    assertThat(
            NewsText.article(
                "PUBLISHED: 10:01 EST, 3 May 2012 | UPDATED: 11:30 EST, 4 May 2012\n\nA dog"
                    + " barked 50 times."))
        .isEqualTo("A dog barked 50 times.");
    assertThat(NewsText.article("UPDATED: 11:30 EST, 4 May 1999 and 15 dogs barked."))
        .as("the years are those of the collection, not any digit")
        .isEqualTo("UPDATED: 11:30 EST, 4 May 1999 and 15 dogs barked.");
  }

  @Test
  void quotationMarksEncodingAndEmptyLinesAreRepaired() {
    assertThat(NewsText.article("It\u2019s caf\u00c3\u00a9.\n\n\n\nSo\u2018."))
        .isEqualTo("It's caf\u00e9.\n\nSo'.");
  }

  @Test
  void theArticleEndsAtTheFirstHighlightAndHighlightsEndInAFullStop() {
    String story = "(CNN) -- A dog barked.\n\n@highlight\n\nDog barks\n\n@highlight\n\nWhy?\n";

    assertThat(NewsText.article(story)).isEqualTo("A dog barked.");
    assertThat(NewsText.highlights(story)).containsExactly("Dog barks.", "Why?");
    assertThat(NewsText.highlights("A dog barked.")).isEmpty();
  }
}
