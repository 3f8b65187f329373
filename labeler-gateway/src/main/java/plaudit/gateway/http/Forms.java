package plaudit.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plaudit.gateway.store.Remark;
import plaudit.gateway.store.Submission;
import plaudit.gateway.store.SubmittedChoice;
import plaudit.labels.Choice;

/** What comes in as JSON, field by field as documented in {@code openapi.json}. */
final class Forms {

  static final int MAX_LEASES = 50;
  static final int MAX_BATCH = 500;

  private static final int ID = 80;
  private static final int TEXT = 2000;
  private static final int REPLACEMENT = 0xFFFD;

  /** Before any judgment of this gateway. */
  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");

  private Forms() {}

  /** Asks for tasks. */
  record LeaseForm(
      @Nullable Integer max, @Nullable Integer waitSeconds, @Nullable String labelerId) {

    int tasks() {
      return inRange("/max", max, 1, 1, MAX_LEASES);
    }

    int wait(int most) {
      return inRange("/waitSeconds", waitSeconds, 0, 0, most);
    }

    String labeler() {
      return id("/labelerId", labelerId);
    }
  }

  /** Who extends a lease or hands it back; a vendor's program need not say. */
  record HolderForm(@Nullable String labelerId) {

    @Nullable String labeler() {
      return labelerId == null ? null : id("/labelerId", labelerId);
    }
  }

  /** A judgment. */
  record JudgmentForm(
      @Nullable String leaseId,
      @Nullable Integer epoch,
      @Nullable String labelerId,
      @Nullable String choiceId,
      Choice.@Nullable Reason verdict,
      Submission.@Nullable Confidence confidence,
      @Nullable Long visibleMillis,
      @Nullable Instant decidedTime,
      @Nullable ClientForm client) {

    String labeler() {
      return id("/labelerId", labelerId);
    }

    Submission submission() {
      if (visibleMillis != null && visibleMillis < 0) {
        throw Problem.at(
                Problem.Kind.IMPLAUSIBLE_TIME,
                "/visibleMillis",
                "visibleMillis: " + visibleMillis + " (expected: >= 0)")
            .thrown();
      }
      if (decidedTime != null && decidedTime.isBefore(EARLIEST)) {
        throw Problem.at(
                Problem.Kind.IMPLAUSIBLE_TIME,
                "/decidedTime",
                "decidedTime: %s (expected: >= %s)".formatted(decidedTime, EARLIEST))
            .thrown();
      }
      return new Submission(
          id("/leaseId", leaseId),
          required("/epoch", epoch),
          answer(choiceId, verdict),
          confidence,
          visibleMillis,
          decidedTime,
          client == null ? null : client.checked());
    }
  }

  /** The program that sends. */
  record ClientForm(@Nullable String name, @Nullable String version) {
    Submission.Client checked() {
      return new Submission.Client(id("/client/name", name), id("/client/version", version));
    }
  }

  /** Many judgments; each is read by itself. */
  record BatchForm(@Nullable List<JsonNode> judgments) {
    List<JsonNode> items() {
      List<JsonNode> items = required("/judgments", judgments);
      if (items.isEmpty() || items.size() > MAX_BATCH) {
        throw malformed(
            "/judgments", "judgments: %d (expected: 1 to %d)".formatted(items.size(), MAX_BATCH));
      }
      return items;
    }
  }

  /** Another answer to a comparison answered before. */
  record AmendForm(
      @Nullable String labelerId, @Nullable String choiceId, Choice.@Nullable Reason verdict) {
    String labeler() {
      return id("/labelerId", labelerId);
    }

    SubmittedChoice answer() {
      return Forms.answer(choiceId, verdict);
    }
  }

  /** Why a task is skipped. */
  record SkipForm(@Nullable String labelerId, @Nullable SkipReason reason, @Nullable String text) {
    String labeler() {
      return id("/labelerId", labelerId);
    }

    Remark remark() {
      return new Remark(
          (reason == null ? SkipReason.UNSPECIFIED : reason).name(), prose("/text", text));
    }
  }

  /** Reasons for a skip. */
  enum SkipReason {
    UNSPECIFIED,
    TOO_HARD,
    UNCLEAR,
    UNCOMFORTABLE,
    OTHER
  }

  /** What is wrong with a task. */
  record FlagForm(@Nullable String labelerId, @Nullable FlagReason reason, @Nullable String text) {
    String labeler() {
      return id("/labelerId", labelerId);
    }

    Remark remark() {
      return new Remark(required("/reason", reason).name(), prose("/text", text));
    }
  }

  /** Reasons for a flag. */
  enum FlagReason {
    HARMFUL,
    PERSONAL_DATA,
    BROKEN,
    OTHER
  }

  /** Stops the run or lets it go on. */
  record AndonForm(@Nullable String labelerId, @Nullable String reason) {
    String labeler() {
      return id("/labelerId", labelerId);
    }

    /** As it can be kept: a reason is never refused for its text. */
    String why() {
      return cleaned(reason == null ? "" : reason);
    }
  }

  private static SubmittedChoice answer(
      @Nullable String choiceId, Choice.@Nullable Reason verdict) {
    if (choiceId != null && verdict == null) {
      return new SubmittedChoice.Chosen(id("/choiceId", choiceId));
    }
    if (choiceId == null && verdict != null) {
      return new SubmittedChoice.NoneChosen(verdict);
    }
    throw Problem.at(
            Problem.Kind.CHOICE_REQUIRED,
            "/choiceId",
            choiceId == null
                ? "neither choiceId nor verdict (expected: one of them)"
                : "both choiceId and verdict (expected: one of them)")
        .thrown();
  }

  private static <T> T required(String pointer, @Nullable T value) {
    if (value == null) {
      throw malformed(pointer, pointer.substring(1) + " is missing");
    }
    return value;
  }

  private static int inRange(
      String pointer, @Nullable Integer value, int absent, int least, int most) {
    if (value == null) {
      return absent;
    }
    if (value < least || value > most) {
      throw malformed(
          pointer,
          "%s: %d (expected: %d to %d)".formatted(pointer.substring(1), value, least, most));
    }
    return value;
  }

  /** A name of the caller's choice: 1 to 80 characters that can be seen. */
  private static String id(String pointer, @Nullable String value) {
    String text = required(pointer, value);
    if (text.isBlank() || text.length() > ID) {
      throw malformed(
          pointer,
          "%s of %d characters (expected: 1 to %d visible characters)"
              .formatted(pointer.substring(1), text.length(), ID));
    }
    if (text.codePoints().anyMatch(Forms::invisible)) {
      throw Problem.at(
              Problem.Kind.UNREADABLE_TEXT,
              pointer,
              pointer.substring(1) + " (expected: visible characters)")
          .thrown();
    }
    return text;
  }

  private static String prose(String pointer, @Nullable String value) {
    String text = value == null ? "" : value;
    if (text.length() > TEXT) {
      throw malformed(
          pointer,
          "%s of %d characters (expected: <= %d)"
              .formatted(pointer.substring(1), text.length(), TEXT));
    }
    if (text.codePoints().anyMatch(Forms::unreadable)) {
      throw unreadable(pointer.substring(1)).with("pointer", pointer).thrown();
    }
    return text;
  }

  private static Problem unreadable(String name) {
    return Problem.of(
        Problem.Kind.UNREADABLE_TEXT,
        name + " (expected: no control characters but tab and line break, no half characters)");
  }

  /** A header's or a query parameter's value that goes into the store. */
  static @Nullable String readable(String name, @Nullable String value) {
    if (value != null && value.codePoints().anyMatch(Forms::unreadable)) {
      throw unreadable(name).thrown();
    }
    return value;
  }

  /** Unreadable characters replaced, and what is too long cut off. */
  private static String cleaned(String text) {
    StringBuilder clean = new StringBuilder();
    text.codePoints()
        .map(c -> unreadable(c) ? REPLACEMENT : c)
        .takeWhile(c -> clean.length() + Character.charCount(c) <= TEXT)
        .forEach(clean::appendCodePoint);
    return clean.toString();
  }

  /** A control character that is no white space, or half of a pair of surrogates. */
  private static boolean unreadable(int c) {
    int type = Character.getType(c);
    return type == Character.SURROGATE
        || (type == Character.CONTROL && c != '\t' && c != '\n' && c != '\r');
  }

  private static boolean invisible(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.SURROGATE
        || type == Character.UNASSIGNED;
  }

  private static Problem.Refusal malformed(String pointer, String detail) {
    return Problem.at(Problem.Kind.MALFORMED_REQUEST, pointer, detail).thrown();
  }
}
