package plaudit.data;

import java.util.Locale;
import plaudit.input.InvalidInputException;

/** The forms that data comes in. */
public enum DataFormat {
  /** Whichever of the others {@link Dataset#open} finds. */
  AUTO,
  /** Texts as they are: a line of {@code .txt}, a string or object of JSON; see PromptFile. */
  PROMPTS,
  /** Running text that is cut into passages; see BookPassages. */
  BOOKS,
  /** Forum posts with {@code content} and often {@code summary}; see PostFile. */
  TLDR,
  /** News stories with highlights, a file each; see StoryFolder. */
  CNNDM;

  /** What may be written. */
  public static final String NAMES = "auto, prompts, books, tldr or cnndm";

  /** The format called {@code name}; {@code key} names the setting in the message of a refusal. */
  public static DataFormat named(String key, String name) {
    for (DataFormat format : values()) {
      if (format.toString().equals(name.toLowerCase(Locale.ROOT))) {
        return format;
      }
    }
    throw InvalidInputException.of(key, name, NAMES);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
