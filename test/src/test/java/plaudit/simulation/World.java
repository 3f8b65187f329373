package plaudit.simulation;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import plaudit.snapshots.Lineage.PublishReply;

/** What every participant of one run can see: time, chance, the network, the disk, the others. */
final class World {

  private final Scenario scenario;
  private final EventQueue<MessageDelivery> queue = new EventQueue<>();
  private final Faults faults;
  private final Set<Defect> defects;
  private final Trace trace;
  private final EventCounts tally = new EventCounts();
  private final SimulatedNetwork network;
  private final SimulatedDisk disk = new SimulatedDisk();
  private final ShelfNode shelf;
  private final QuestionBook questions;
  private final Laws laws;
  private final Cast cast;
  private final Chaos chaos;
  private int lives;

  World(Scenario scenario, Chance chance, Faults faults, Set<Defect> defects, Trace trace) {
    this.scenario = scenario;
    this.faults = faults;
    this.defects = defects;
    this.trace = trace;
    this.network = new SimulatedNetwork(this, scenario.weather(), chance.split(), faults);
    this.shelf = new ShelfNode(this);
    this.questions = new QuestionBook(this);
    this.laws = new Laws(this);
    this.cast = new Cast(this, chance.split());
    this.chaos = new Chaos(this, cast, chance.split());
  }

  void start() {
    cast.start();
    chaos.start();
  }

  /** The next event happens, unless it is for the dead; then the laws are checked. */
  void step() {
    MessageDelivery next = queue.next();
    if (next.to().isAlive()) {
      trace.event(queue.now(), next);
      if (next.message() instanceof Say.Held word) {
        laws.told(next.to(), word.held());
      }
      next.to().receive(next.message());
    } else if (next.from() != next.to()) {
      fault("to a dead node", next.from(), next.to(), next.message());
    }
    laws.check();
  }

  long millis() {
    return queue.now();
  }

  Instant now() {
    return Instant.ofEpochMilli(queue.now());
  }

  void happens(long inMillis, MessageDelivery event) {
    queue.in(inMillis, event);
  }

  void happensAt(long millis, MessageDelivery event) {
    queue.at(millis, event);
  }

  /** Whether things may still go wrong. */
  boolean isStormy() {
    return queue.now() < scenario.storm();
  }

  /** Chance has a fault; whether it happens in this run. */
  boolean strikes(boolean drawn) {
    return faults.strikes(drawn);
  }

  boolean has(Defect defect) {
    return defects.contains(defect);
  }

  int nextLife() {
    return lives++;
  }

  /** A fault befell a message. */
  void fault(String what, SimulatedNode from, SimulatedNode to, Object message) {
    tally.add("message " + what);
    trace.fault(queue.now(), what + " ", new MessageDelivery(from, to, message));
  }

  EventCounts tally() {
    return tally;
  }

  Set<Defect> defects() {
    return defects;
  }

  Scenario scenario() {
    return scenario;
  }

  SimulatedNetwork network() {
    return network;
  }

  SimulatedDisk disk() {
    return disk;
  }

  Laws laws() {
    return laws;
  }

  QuestionBook questions() {
    return questions;
  }

  ShelfNode shelf() {
    return shelf;
  }

  BufferNode buffer() {
    return cast.buffer();
  }

  RegistryNode registry() {
    return cast.registry();
  }

  /** How many ledgers have begun. */
  int ledgers() {
    return cast.ledgers();
  }

  List<ScorerNode> scorers() {
    return cast.scorers();
  }

  /** A learner hears that somebody else has published; it ends, and goes on from what is there. */
  void refused(SimulatedNode learner, PublishReply reply) {
    cast.refused(learner, reply);
  }
}
