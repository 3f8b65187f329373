package plaudit.rewards;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plaudit.rewards.SourceSettings.Answer;
import plaudit.rewards.SourceSettings.LengthUnit;
import plaudit.rewards.SourceSettings.Measure;

/** The rules that need no program. */
final class Rules {

  private static final Pattern NUMBER = Pattern.compile("-?\\d[\\d,]*(\\.\\d+)?");

  private Rules() {}

  /** By the places of a response where a pattern is found. */
  static Rule pattern(Pattern pattern, Measure measure) {
    return judged -> {
      Matcher matcher = pattern.matcher(judged.response());
      int found = 0;
      int characters = 0;
      while (matcher.find()) {
        found++;
        characters += matcher.end() - matcher.start();
      }
      return switch (measure) {
        case FOUND -> found > 0 ? 1 : 0;
        case COUNT -> found;
        case SHARE -> characters / (double) Math.max(1, judged.response().length());
      };
    };
  }

  /** By how far the length is from {@code target}, as a share of it: 0 at best. */
  static Rule length(int target, LengthUnit unit) {
    return judged -> {
      int length =
          switch (unit) {
            case TOKENS -> judged.tokens();
            case WORDS -> judged.response().isBlank() ? 0 : words(judged.response()).length;
            case CHARACTERS -> judged.response().length();
          };
      return -Math.abs(length - target) / (double) target;
    };
  }

  /** 1 for a response that gives one of the data's answers, 0 for another one. */
  static Rule answer(Answer compare) {
    return judged ->
        judged.answers().stream().anyMatch(it -> gives(judged.response(), it, compare)) ? 1 : 0;
  }

  private static boolean gives(String response, String answer, Answer compare) {
    return switch (compare) {
      case EQUAL -> plain(response).equals(plain(answer));
      case CONTAINED -> plain(response).contains(plain(answer));
      case LAST_NUMBER ->
          lastNumber(answer).isPresent() && lastNumber(response).equals(lastNumber(answer));
    };
  }

  private static String plain(String text) {
    return String.join(" ", words(text)).toLowerCase(Locale.ROOT);
  }

  private static String[] words(String text) {
    return text.strip().split("\\s+");
  }

  private static Optional<Double> lastNumber(String text) {
    return NUMBER
        .matcher(text)
        .results()
        .reduce((before, last) -> last)
        .map(it -> Double.valueOf(it.group().replace(",", "")));
  }
}
