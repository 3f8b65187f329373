package plaudit.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import plaudit.node.telemetry.Logging;

/**
 * The command line: {@code plaudit VERB [options]}. Exit codes are 0 for done, 1 for failed, 2 for
 * wrong usage or configuration and 75 for what is right but cannot be had now.
 */
@Command(
    name = "plaudit",
    synopsisSubcommandLabel = "VERB",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = ScopeType.INHERIT,
    usageHelpAutoWidth = true,
    commandListHeading = "%nVerbs:%n",
    optionListHeading = "%nOptions:%n")
public final class Main {

  /** Every verb there is, in the order the help lists them. */
  private static final List<Supplier<Object>> VERBS =
      List.of(
          QuickstartVerb::new,
          RunVerb::new,
          NodeVerb::new,
          GenerateVerb::new,
          PerplexityVerb::new,
          PretrainVerb::new,
          VerbGroup.Reward::new,
          SftVerb::new,
          TokenizeVerb::new,
          VerbGroup.Eval::new,
          VerbGroup.Study::new,
          LabelerVerb::new,
          VerbGroup.Labels::new,
          PlanVerb::new,
          JournalVerb::new,
          ReplayVerb::new,
          VerbGroup.Bench::new,
          DoctorVerb::new);

  /** Read from the arguments themselves: it must hold even where they make no sense. */
  private static final String DEBUG = "--debug";

  private static final String PARALLELISM = "java.util.concurrent.ForkJoinPool.common.parallelism";

  @Option(
      names = DEBUG,
      scope = ScopeType.INHERIT,
      description = "Show stack traces of failures and log in detail.")
  @SuppressWarnings("UnusedVariable") // declared for the help and the parser
  private boolean debug;

  private Main() {}

  /** Runs the verb named by the arguments and ends the process with its exit code. */
  public static void main(String[] args) {
    shareThreads();
    // Not the platform's charset: results are UTF-8 wherever they are piped to.
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int exitCode = run(out, err, args);
    out.flush();
    err.flush();
    System.exit(exitCode);
  }

  /**
   * Lets callbacks share the common pool. Below three cores the JDK has none by default, and each
   * callback without an executor starts a thread: of the JDK's HTTP client one for each request, of
   * Pekko's asks one for each answer. To be called before the first future.
   */
  static void shareThreads() {
    if (Runtime.getRuntime().availableProcessors() < 3 && System.getProperty(PARALLELISM) == null) {
      System.setProperty(PARALLELISM, "2");
    }
  }

  /** Runs the verb named by {@code args}, printing to {@code out} and {@code err}. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    boolean debug = Arrays.asList(args).contains(DEBUG);
    CommandLine line = line();
    line.setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setParameterExceptionHandler((e, input) -> report(Failure.ofUsage(e), e, debug, err))
        .setExecutionExceptionHandler((e, at, parsed) -> report(Failure.of(e), e, debug, err));
    if (args.length == 0) {
      line.usage(err);
      return CommandLine.ExitCode.USAGE;
    }
    try {
      if (debug) {
        Logging.showDetails();
      }
      return line.execute(args);
    } catch (Throwable e) { // errors, like too little memory, pass picocli's handlers
      return report(Failure.of(e), e, debug, err);
    }
  }

  /** All verbs with their options. */
  static CommandLine line() {
    CommandLine line = new CommandLine(new Main());
    VERBS.forEach(verb -> line.addSubcommand(verb.get()));
    describe(line);
    return line;
  }

  private static void describe(CommandLine line) {
    line.getCommandSpec()
        .usageMessage()
        .description(
            "Fine-tunes a language model from human preferences (Ziegler et al. 2019),"
                + " asynchronously: rollouts, people's judgments and gradient steps overlap.")
        .footer(
            "",
            "Each verb explains itself: plaudit VERB --help",
            "Results go to standard output, everything else to standard error.",
            "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 75 not available now: a port,"
                + " a directory, a database, disk space.");
  }

  private static int report(Failure failure, Throwable cause, boolean debug, PrintWriter err) {
    if (debug) {
      cause.printStackTrace(err);
    }
    err.println("plaudit: " + failure.line() + (debug ? "" : failure.hint()));
    err.flush();
    return failure.exitCode();
  }
}
