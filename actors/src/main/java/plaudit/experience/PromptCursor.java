package plaudit.experience;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Where each deck of prompts stands, and how many questions people are still to be asked. */
final class PromptCursor {

  private final PromptStreams decks;
  private final Map<Purpose, Long> positions = new EnumMap<>(Purpose.class);
  private final Map<Purpose, Long> asked = new EnumMap<>(Purpose.class);

  /**
   * At the start of a run or of a part of it.
   *
   * @param policyPrompts dealt before
   */
  PromptCursor(PromptStreams decks, Start start, long policyPrompts) {
    this.decks = decks;
    positions.put(Purpose.POLICY, policyPrompts);
    positions.put(Purpose.QUESTION, start.questionsDealt());
    positions.put(Purpose.VALIDATION, start.validationsDealt());
    asked.put(Purpose.QUESTION, start.questions());
    asked.put(Purpose.VALIDATION, start.validations());
  }

  /** Goes on from where another was. */
  PromptCursor(PromptStreams decks, LedgerState state) {
    this.decks = decks;
    positions.putAll(state.positions());
    asked.putAll(state.asked());
  }

  /** The next {@code size} prompts of a deck. */
  List<Prompt> deal(Purpose purpose, int size) {
    long position = positions.getOrDefault(purpose, 0L);
    positions.put(purpose, position + size);
    return LongStream.range(position, position + size).mapToObj(decks.of(purpose)::at).toList();
  }

  /** Policy prompts up to {@code position} were learned from elsewhere. */
  void passOver(long position) {
    positions.merge(Purpose.POLICY, position, Math::max);
  }

  /** So many comparisons reached people. */
  void asked(Purpose purpose, int comparisons) {
    asked.merge(purpose, (long) comparisons, Long::sum);
  }

  /** Comparisons that {@code pace} wants and that nobody was asked yet, those on lease included. */
  long wanted(Purpose purpose, Pace pace) {
    long target = purpose == Purpose.QUESTION ? pace.questions() : pace.validations();
    return Math.max(0, target - asked.getOrDefault(purpose, 0L));
  }

  /** Prompts dealt, by deck. */
  Map<Purpose, Long> positions() {
    return positions;
  }

  /** Comparisons asked, by deck. */
  Map<Purpose, Long> asked() {
    return asked;
  }
}
