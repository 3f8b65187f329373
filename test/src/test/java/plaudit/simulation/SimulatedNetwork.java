package plaudit.simulation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Carries messages as badly as the scenario wants: late, twice, in another order, or not at all.
 * Without reordering it is the transport of the cluster: at most once, in order for each pair.
 */
final class SimulatedNetwork {

  private record Pair(SimulatedNode from, SimulatedNode to) {}

  private final World world;
  private final Scenario.Weather weather;
  private final Chance chance;
  private final Faults faults;
  private final Map<Pair, Long> newest = new HashMap<>();
  private final Set<String> island = new HashSet<>();

  SimulatedNetwork(World world, Scenario.Weather weather, Chance chance, Faults faults) {
    this.world = world;
    this.weather = weather;
    this.chance = chance;
    this.faults = faults;
  }

  void send(SimulatedNode from, SimulatedNode to, Object message) {
    if (message instanceof Say.Publish publish) {
      world.laws().announced(publish);
    }
    boolean storm = world.isStormy();
    if (island.contains(from.name()) != island.contains(to.name())
        || faults.strikes(storm && chance.once(weather.loss()))) {
      world.fault("lost", from, to, message);
      return;
    }
    carry(from, to, message, storm);
    if (faults.strikes(storm && chance.once(weather.twice()))) {
      world.fault("twice", from, to, message);
      carry(from, to, message, storm);
    }
  }

  private void carry(SimulatedNode from, SimulatedNode to, Object message, boolean storm) {
    long delay = chance.between(1, 20);
    if (faults.strikes(storm && chance.once(weather.late()))) {
      world.fault("late", from, to, message);
      delay += chance.between(100, weather.latest());
    }
    long at = world.millis() + delay;
    if (!weather.reorders()) {
      at = Math.max(at, newest.getOrDefault(new Pair(from, to), 0L));
      newest.put(new Pair(from, to), at);
    }
    world.happensAt(at, new MessageDelivery(from, to, message));
  }

  /** These are cut off from all others. */
  void isolate(Set<String> names) {
    island.clear();
    island.addAll(names);
  }

  void heal() {
    island.clear();
  }
}
