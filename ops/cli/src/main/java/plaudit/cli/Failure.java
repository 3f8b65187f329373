package plaudit.cli;

import com.typesafe.config.ConfigException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;
import plaudit.input.InvalidInputException;
import plaudit.input.UnavailableException;
import plaudit.node.config.Spelling;

/**
 * What a failed verb tells its user.
 *
 * @param exitCode 2 when the user can repair it by asking differently, 75 when asking again later
 *     may do, else 1
 * @param line one line, without a line break
 * @param hint what may be appended to the line: how to learn more
 */
public record Failure(int exitCode, String line, String hint) {

  /** For what a verb threw. */
  public static Failure of(Throwable thrown) {
    Throwable e = unwrapped(thrown);
    if (e instanceof ParameterException usage) {
      return ofUsage(usage);
    }
    if (e instanceof UnavailableException) {
      return new Failure(UnavailableException.EXIT_CODE, oneLine(message(e)), "");
    }
    if (e instanceof InvalidInputException || e instanceof ConfigException) {
      return new Failure(CommandLine.ExitCode.USAGE, oneLine(message(e)), "");
    }
    return new Failure(
        CommandLine.ExitCode.SOFTWARE, oneLine(describe(e)), " (--debug shows where)");
  }

  /** For arguments that make no sense; names what may have been meant. */
  public static Failure ofUsage(ParameterException e) {
    CommandSpec verb = e.getCommandLine().getCommandSpec();
    String line =
        e instanceof UnmatchedArgumentException unmatched
            ? unknown(unmatched.getUnmatched().get(0), verb)
            : oneLine(message(e));
    return new Failure(
        CommandLine.ExitCode.USAGE,
        "%s; see '%s --help'".formatted(line, verb.qualifiedName()),
        "");
  }

  private static String unknown(String argument, CommandSpec verb) {
    boolean option = argument.startsWith("-");
    boolean group = !option && !verb.subcommands().isEmpty();
    String what = option ? "option" : group ? "verb" : "argument";
    Set<String> words = option ? verb.optionsMap().keySet() : verb.subcommands().keySet();
    List<String> meant = Spelling.nearest(argument, words, 2);
    return oneLine("no such %s: %s".formatted(what, argument))
        + (meant.isEmpty() ? "" : " (did you mean " + String.join(" or ", meant) + "?)");
  }

  private static Throwable unwrapped(Throwable thrown) {
    Throwable e = thrown;
    while ((e instanceof CompletionException || e instanceof ExecutionException)
        && e.getCause() != null) {
      e = e.getCause();
    }
    return e;
  }

  private static String describe(Throwable e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or directory: " + e.getMessage();
    }
    if (e instanceof FileAlreadyExistsException) {
      return "is there already: " + e.getMessage();
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied: " + e.getMessage();
    }
    if (e instanceof OutOfMemoryError) {
      return "out of memory: "
          + e.getMessage()
          + "; PLAUDIT_HEAP sets the Java heap, for example 4g";
    }
    @Nullable Throwable cause = e.getCause();
    if (e instanceof UncheckedIOException && cause != null) {
      return message(e) + ": " + describe(cause);
    }
    String line = e.getClass().getSimpleName() + ": " + message(e);
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    boolean told = line.contains(message(root));
    return told
        ? line
        : line + "; caused by " + root.getClass().getSimpleName() + ": " + message(root);
  }

  private static String message(Throwable e) {
    @Nullable String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getName() : message;
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
