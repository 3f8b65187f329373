package plaudit.simulation;

import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Purpose;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;
import plaudit.lease.Leases;
import plaudit.scoring.Questions;

/**
 * The label store, in memory: what {@code JdbcLabels} and {@code Judging} promise, with the real
 * {@link Leases}. It loses nothing, as the real one holds its words on a disk.
 */
final class ShelfNode extends SimulatedNode {

  private static final Duration LEASE = Duration.ofSeconds(5);
  private static final int READ_AT_ONCE = 4;

  private static final class Item {
    final Comparison comparison;
    final int overlap;
    final Set<String> done = new HashSet<>();
    int admitted;
    boolean withdrawn;

    Item(Comparison comparison, int overlap) {
      this.comparison = comparison;
      this.overlap = overlap;
    }

    boolean isOpen() {
      return admitted < overlap && !withdrawn;
    }
  }

  /** A person's newest word on a comparison; sequence 0 for one that came after enough others. */
  private record Row(long sequence, Choice choice) {}

  private record Author(String comparisonId, String labeler) {}

  private final Map<String, Item> items = new LinkedHashMap<>();
  private final Leases<String> leases = new Leases<>();
  private final Map<Author, Row> rows = new HashMap<>();
  private final TreeMap<Long, Label> labels = new TreeMap<>();
  private final Map<Purpose, Long> stored = new EnumMap<>(Purpose.class);
  private long sequence;
  private long preferences;
  private long most;
  private Optional<LabelStore.Stop> stop = Optional.empty();

  ShelfNode(World world) {
    super(world, "shelf");
  }

  @Override
  void start() {}

  @Override
  void receive(Object message) {
    if (message instanceof Say.Ask ask) {
      int fresh = ask.comparisons().stream().mapToInt(this::store).sum();
      LabelStore.AskReply reply = new LabelStore.AskReply.Stored(fresh);
      tell(ask.from(), new Say.Stored(ask.batchId(), reply));
    } else if (message instanceof Say.TakeLabels take) {
      List<Label> read =
          labels.tailMap(take.after(), false).values().stream().limit(READ_AT_ONCE).toList();
      tell(take.from(), new LabelStore.Labels(take.after(), read));
    } else if (message instanceof Say.GetStatus get) {
      tell(get.from(), status());
    } else if (message instanceof Say.GetStopReason get) {
      tell(get.from(), new LabelStore.StopReason(stop));
    } else if (message instanceof Say.TakeTask take) {
      onTakeTask(take);
    } else if (message instanceof Say.Judge judge) {
      onJudge(judge);
    } else if (message instanceof Say.Amend amend) {
      onAmend(amend);
    } else if (message instanceof Say.Flag flag) {
      onFlag(flag);
    }
  }

  private int store(Comparison comparison) {
    int overlap = comparison.id().hashCode() % 5 == 0 ? world().scenario().overlap() : 1;
    if (items.putIfAbsent(comparison.id(), new Item(comparison, overlap)) != null) {
      return 0;
    }
    for (Purpose purpose : Purpose.values()) {
      if (purpose.isForPeople() && comparison.id().startsWith(Questions.prefix(purpose))) {
        stored.merge(purpose, 1L, Long::sum);
      }
    }
    return 1;
  }

  private void onTakeTask(Say.TakeTask take) {
    if (stop.isPresent()) {
      return;
    }
    leases.expire(now());
    String labeler = take.from().name();
    for (Item item : items.values()) {
      String id = item.comparison.id();
      if (item.isOpen() && !leases.holds(id) && !item.done.contains(labeler)) {
        leases.grant(id, labeler, now().plus(LEASE));
        tell(take.from(), new Say.Task(item.comparison));
        return;
      }
    }
  }

  private void onJudge(Say.Judge judge) {
    Item item = item(judge.comparisonId());
    String labeler = judge.from().name();
    Author author = new Author(judge.comparisonId(), labeler);
    if (!rows.containsKey(author)) {
      boolean admitted = item.isOpen();
      world().tally().add(admitted ? "judgment counts" : "judgment surplus");
      item.admitted += admitted ? 1 : 0;
      keep(author, item, judge.choice(), admitted);
      item.done.add(labeler);
      leases.complete(judge.comparisonId());
    }
    tell(judge.from(), new Say.Judged(judge.comparisonId()));
  }

  private void onAmend(Say.Amend amend) {
    Author author = new Author(amend.comparisonId(), amend.from().name());
    Row old = rows.get(author);
    if (old != null && !old.choice().equals(amend.choice())) {
      preferences -= labels.remove(old.sequence()) == null ? 0 : isPreference(old.choice());
      world().tally().add("judgment amended");
      keep(author, item(amend.comparisonId()), amend.choice(), old.sequence() > 0);
    }
  }

  private void onFlag(Say.Flag flag) {
    Item item = item(flag.comparisonId());
    item.done.add(flag.from().name());
    leases.complete(flag.comparisonId());
    item.withdrawn |= item.admitted == 0;
    world().tally().add("question flagged");
  }

  private void keep(Author author, Item item, Choice choice, boolean admitted) {
    rows.put(author, new Row(admitted ? ++sequence : 0, choice));
    if (admitted) {
      preferences += isPreference(choice);
      most = Math.max(most, preferences);
      Judgment judgment =
          new Judgment(item.comparison.id(), "people", author.labeler(), choice, now());
      labels.put(sequence, new Label(sequence, item.comparison, judgment));
    }
  }

  private LabelStore.Status status() {
    leases.expire(now());
    long open = 0;
    long settled = 0;
    boolean forgets = world().has(Defect.FORGETS_WITHDRAWN);
    for (Item item : items.values()) {
      open += item.isOpen() ? 1 : 0;
      settled += item.admitted > 0 || (item.withdrawn && !forgets) ? 1 : 0;
    }
    long held = leases.size();
    return new LabelStore.Status(
        open - held, held, settled, preferences, sequence, stop.isPresent());
  }

  /** A labeler stops the run. */
  void stopRun() {
    stop = Optional.of(new LabelStore.Stop("bad", "people", "labeler", now()));
  }

  /** An operator lets it go on. */
  void letGoOn() {
    stop = Optional.empty();
  }

  private Item item(String comparisonId) {
    @Nullable Item item = items.get(comparisonId);
    if (item == null) {
      throw new IllegalStateException("comparison: " + comparisonId + " (expected: one asked)");
    }
    return item;
  }

  private static int isPreference(Choice choice) {
    return choice instanceof Choice.Best ? 1 : 0;
  }

  /** The most preferences there ever were: amendments can take some back. */
  long mostPreferences() {
    return most;
  }

  /** The labels that count, by sequence. */
  NavigableMap<Long, Label> labels() {
    return labels;
  }

  /** Every sequence that was given is still there or was amended into a later one. */
  long newestSequence() {
    return sequence;
  }

  /** How many comparisons of a purpose are stored. */
  long stored(Purpose purpose) {
    return stored.getOrDefault(purpose, 0L);
  }

  /** The newest prompt of a purpose that was asked, none if there is none. */
  long newestPrompt(Purpose purpose, long none) {
    String prefix = Questions.prefix(purpose);
    return items.keySet().stream()
        .filter(id -> id.startsWith(prefix))
        .mapToLong(id -> Long.parseLong(id.substring(prefix.length())))
        .max()
        .orElse(none);
  }

  boolean has(String comparisonId) {
    return items.containsKey(comparisonId);
  }
}
