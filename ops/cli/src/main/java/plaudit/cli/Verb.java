package plaudit.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A verb: its options are its fields, {@link #call} does it and answers the exit code. */
public abstract class Verb implements Callable<Integer> {

  @Spec private CommandSpec spec;

  /** Where results go. */
  protected final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Where words for people go. */
  protected final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** Prints {@code value} on one line of standard output, for machines. */
  protected final void printJson(Object value) {
    try {
      out().println(new ObjectMapper().writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("no JSON for " + value.getClass().getName(), e);
    }
  }
}
