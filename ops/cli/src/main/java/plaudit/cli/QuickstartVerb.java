package plaudit.cli;

import java.util.List;
import picocli.CommandLine.Command;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;

/** {@code quickstart}: the main job with everything embedded. */
@Command(
    name = "quickstart",
    description = {
      "Fine-tune a small language model from simulated people's preferences, all in one process.",
      "Ends by itself within ten minutes on two cores and says what improved; label along in the"
          + " browser at http://127.0.0.1:8080/."
    },
    footer = {
      "",
      "Without --model and --data it takes the shipped ones; without --minutes it stops after 8.",
      "With a model and prompts of your own:",
      "  plaudit quickstart --model DIR --data DIR",
      "Any setting can be given as key=value, see docs and reference.conf:",
      "  plaudit quickstart vendor.noise=0.2 policy.updates=60"
    })
public final class QuickstartVerb extends JobVerb {

  @Override
  public Integer call() throws InterruptedException {
    Shipped shipped = Shipped.find();
    List<String> suiting = shipped.suiting(model(shipped.model()));
    return ending(job(RunConfig.load("quickstart", settings(suiting)), Role.all()).start());
  }
}
