package plaudit.simulation;

import org.jspecify.annotations.Nullable;
import plaudit.labels.Choice;
import plaudit.labels.Choice.Reason;
import plaudit.labels.Comparison;

/**
 * A person: takes a task, thinks, judges, says it again until it is heard, changes their mind. In a
 * storm people also go home with a task, or find fault with it. The one who is {@code steady} never
 * does, so that every question has somebody left to ask.
 */
final class LabelerNode extends SimulatedNode {

  private record Decided(Comparison comparison) implements Own {}

  private record Reconsidered(Comparison comparison) implements Own {}

  private enum Look implements Own {
    INSTANCE
  }

  private static final int LOOK_EVERY = 800;
  private static final int HOME = 6_000;

  private final boolean steady;
  private final Chance chance;
  private Say.@Nullable Judge unheard;
  private boolean busy;

  LabelerNode(World world, String name, boolean steady, Chance chance) {
    super(world, name);
    this.steady = steady;
    this.chance = chance;
  }

  @Override
  void start() {
    in(chance.between(0, LOOK_EVERY), Look.INSTANCE);
  }

  @Override
  void receive(Object message) {
    Scenario.People people = world().scenario().people();
    boolean storm = world().isStormy() && !steady;
    if (message == Look.INSTANCE) {
      look();
      in(LOOK_EVERY, Look.INSTANCE);
    } else if (message instanceof Say.Task task && !busy) {
      if (world().strikes(storm && chance.once(people.absent()))) {
        busy = true; // gone home
        in(HOME, new Decided(task.comparison()));
      } else if (world().strikes(storm && chance.once(people.flags()))) {
        tell(world().shelf(), new Say.Flag(this, task.comparison().id()));
      } else {
        busy = true;
        boolean slow = chance.once(people.slow());
        in(chance.between(100, slow ? 7_000 : 1_000), new Decided(task.comparison()));
      }
    } else if (message instanceof Decided decided) {
      unheard = new Say.Judge(this, decided.comparison().id(), choice(people));
      tell(world().shelf(), unheard);
      if (chance.once(people.amends())) {
        in(chance.between(500, 3_000), new Reconsidered(decided.comparison()));
      }
    } else if (message instanceof Reconsidered now) {
      tell(world().shelf(), new Say.Amend(this, now.comparison().id(), choice(people)));
    } else if (message instanceof Say.Judged judged
        && unheard != null
        && unheard.comparisonId().equals(judged.comparisonId())) {
      unheard = null;
      busy = false;
    }
  }

  private void look() {
    if (unheard != null) {
      tell(world().shelf(), unheard);
    } else if (!busy) {
      tell(world().shelf(), new Say.TakeTask(this));
    }
  }

  private Choice choice(Scenario.People people) {
    return chance.once(people.undecided())
        ? new Choice.NoPreference(Reason.TIE)
        : new Choice.Best(chance.between(0, 1));
  }
}
