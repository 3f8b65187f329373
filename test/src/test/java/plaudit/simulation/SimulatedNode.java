package plaudit.simulation;

import java.time.Instant;

/**
 * One life of one participant. What restarts is another node of the same name; messages to a dead
 * one are lost.
 */
abstract class SimulatedNode {

  /** A timer, or the end of a computation: a node's word to itself, which no network can lose. */
  interface Own {}

  private final World world;
  private final String name;
  private final int life;
  private boolean alive = true;

  SimulatedNode(World world, String name) {
    this.world = world;
    this.name = name;
    this.life = world.nextLife();
  }

  /** The first thing it does. */
  abstract void start();

  /** One message of somebody else or of its own. */
  abstract void receive(Object message);

  /** What it shares with its other lives; {@link #toString} is its own. */
  final String name() {
    return name;
  }

  final World world() {
    return world;
  }

  final boolean isAlive() {
    return alive;
  }

  final void die() {
    alive = false;
  }

  final Instant now() {
    return world.now();
  }

  final void tell(SimulatedNode to, Object message) {
    world.network().send(this, to, message);
  }

  final void in(long millis, Own message) {
    world.happens(millis, new MessageDelivery(this, this, message));
  }

  @Override
  public String toString() {
    return name + "#" + life;
  }
}
