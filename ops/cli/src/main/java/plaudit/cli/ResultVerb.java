package plaudit.cli;

import picocli.CommandLine.Option;

/** A verb whose result is told people or, with {@code --json}, machines. */
abstract class ResultVerb extends Verb {

  @Option(names = "--json", description = "Print the result as JSON on standard output.")
  private boolean json;

  /** Whether machines are to read the result. */
  protected final boolean json() {
    return json;
  }

  /** Prints {@code result} as JSON, or lets {@code words} tell it people. */
  protected final void print(Object result, Runnable words) {
    if (json) {
      printJson(result);
    } else {
      words.run();
    }
    out().flush();
  }
}
