package plaudit.simulation;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Decides beforehand when lives end and nets split; it is not itself on the network. */
final class Chaos extends SimulatedNode {

  /** Something goes wrong; in brackets what follows from that. */
  record Strike(String what, Runnable how) implements Own {
    @Override
    public String toString() {
      return what;
    }
  }

  private final Cast cast;
  private final Chance chance;

  Chaos(World world, Cast cast, Chance chance) {
    super(world, "chaos");
    this.cast = cast;
    this.chance = chance;
  }

  @Override
  void start() {
    Scenario scenario = world().scenario();
    for (int i = 0; i < scenario.weather().crashes(); i++) {
      int when = chance.between(0, scenario.storm());
      Strike crash = crash(chance.between(200, 3_000), chance.between(50, 4_000));
      if (world().strikes(true)) {
        in(when, crash);
      }
    }
    for (int i = 0; i < scenario.weather().partitions(); i++) {
      int when = chance.between(0, scenario.storm());
      Strike split = split(chance.between(500, 6_000), chance.once(.5));
      if (world().strikes(true)) {
        in(when, split);
      }
    }
    for (int i = 0; i < scenario.stops(); i++) {
      int when = chance.between(0, scenario.storm());
      int lasts = chance.between(300, 8_000);
      if (world().strikes(true)) {
        in(when, stop(lasts));
      }
    }
    in(scenario.storm(), new Strike("(the storm is over)", this::calm));
  }

  @Override
  void receive(Object message) {
    if (message instanceof Strike strike) {
      if (!strike.what().startsWith("(")) {
        world().tally().add(strike.what().replaceAll(":.*", ""));
      }
      strike.how().run();
    }
  }

  private void calm() {
    world().network().heal();
    cast.endRivals();
  }

  private Strike crash(int downtime, int noticed) {
    int who = chance.between(0, 12);
    int sampler = chance.between(0, cast.samplers().size() - 1);
    int scorer = chance.between(0, cast.scorers().size() - 1);
    boolean informed = chance.once(.5);
    boolean alone = world().scenario().checkpointEvery() == 1;
    boolean journaled = world().scenario().journaled();
    return switch (who) {
      case 0, 1, 2 -> new Strike("a sampler dies", () -> sampler(sampler, downtime, noticed));
      case 3, 4 ->
          new Strike(
              "a scorer dies",
              () ->
                  dies(() -> cast.scorers().get(scorer), downtime, () -> cast.raiseScorer(scorer)));
      case 5, 6 ->
          // One that keeps a journal ends the learner's node when it fails.
          journaled
              ? new Strike("the learner's node dies", cast::resume)
              : new Strike(
                  "the buffer dies",
                  () -> dies(cast::buffer, downtime, () -> cast.raiseBuffer(informed)));
      case 7 ->
          new Strike(
              "the registry dies", () -> dies(cast::registry, downtime, cast::raiseRegistry));
      case 8 ->
          new Strike(
              "the reward learner dies",
              () -> dies(cast::rewardLearner, downtime, cast::raiseRewardLearner));
      case 9 ->
          alone
              ? new Strike(
                  "the policy learner dies",
                  () -> dies(cast::policyLearner, downtime, cast::raisePolicyLearner))
              : new Strike("the learner's node dies", cast::resume);
      case 10 ->
          alone
              ? new Strike("a second policy learner begins", cast::raiseRival)
              : new Strike("the learner's node dies", cast::resume);
      case 11 -> new Strike("the learner's node dies", cast::resume);
      default -> new Strike("the run is killed and resumed", cast::resumeAll);
    };
  }

  private void sampler(int index, int downtime, int noticed) {
    SimulatedNode dead = cast.samplers().get(index);
    dies(() -> cast.samplers().get(index), downtime, () -> cast.raiseSampler(index));
    in(noticed, new Strike("(%s is missed)".formatted(dead), () -> gone(dead)));
  }

  /** It comes back, unless somebody else has brought it back by then. */
  private void dies(Supplier<? extends SimulatedNode> part, int downtime, Runnable again) {
    SimulatedNode node = part.get();
    if (node.isAlive()) {
      node.die();
      Runnable back =
          () -> {
            if (!part.get().isAlive()) {
              again.run();
            }
          };
      in(downtime, new Strike("(%s comes back)".formatted(node), back));
    }
  }

  /** Somebody is taken for dead, rightly or not. */
  private void gone(SimulatedNode node) {
    world().happens(0, new MessageDelivery(this, cast.buffer(), new Say.Gone(node.toString())));
  }

  private Strike stop(int lasts) {
    return new Strike(
        "a labeler stops the run",
        () -> {
          world().shelf().stopRun();
          in(lasts, new Strike("(the run goes on)", world().shelf()::letGoOn));
        });
  }

  private Strike split(int lasts, boolean downed) {
    Set<String> island = new LinkedHashSet<>();
    for (String name : cast.names()) {
      if (chance.once(.3)) {
        island.add(name);
      }
    }
    return new Strike(
        "cut off: " + island,
        () -> {
          world().network().isolate(island);
          if (downed) {
            List.copyOf(cast.samplers()).stream()
                .filter(sampler -> island.contains(sampler.name()))
                .forEach(this::gone);
          }
          in(lasts, new Strike("(all are together again)", world().network()::heal));
        });
  }
}
