package plaudit.rewards;

import java.util.List;
import plaudit.scoring.RewardSource;

/** The weighted sum of sources, which are told the monitor one by one. */
final class WeightedSum implements RewardSource {

  private final List<Part> parts;
  private final SourceMonitor monitor;

  /** One of the sources. */
  record Part(String name, double weight, RewardSource source) {}

  /** The sources that answer later are asked first. */
  WeightedSum(List<Part> parts, SourceMonitor monitor) {
    this.parts =
        parts.stream()
            .sorted((a, b) -> Boolean.compare(a.source().repeats(), b.source().repeats()))
            .toList();
    this.monitor = monitor;
  }

  @Override
  public void score(List<Response> responses, Receiver receiver) {
    Sum sum = new Sum(responses.size(), receiver);
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      int index = i;
      Receiver one =
          new Receiver() {
            @Override
            public void scored(float[] scores) {
              sum.add(index, scores);
            }

            @Override
            public void failed(RuntimeException why) {
              sum.fail(why);
            }
          };
      try {
        part.source().score(responses, one);
      } catch (RuntimeException e) {
        monitor.failed(part.name(), String.valueOf(e.getMessage()));
        sum.fail(e);
      }
    }
  }

  @Override
  public boolean repeats() {
    return parts.stream().allMatch(it -> it.source().repeats());
  }

  @Override
  public void close() {
    parts.forEach(it -> it.source().close());
  }

  /** Adds in one order whatever the order of the answers, so that rounding is the same. */
  private final class Sum {

    private final float[][] answers = new float[parts.size()][];
    private final int size;
    private final Receiver receiver;
    private int missing = parts.size();
    private boolean over;

    Sum(int size, Receiver receiver) {
      this.size = size;
      this.receiver = receiver;
    }

    void add(int index, float[] scores) {
      Part part = parts.get(index);
      for (float score : scores) {
        if (!Float.isFinite(score)) {
          String words = "score: " + score + " (expected: a finite number)";
          monitor.failed(part.name(), words);
          fail(new IllegalStateException(part.name() + ": " + words));
          return;
        }
      }
      if (part.source().repeats()) {
        monitor.worked(part.name());
      }
      monitor.scored(part.name(), scores);
      synchronized (this) {
        answers[index] = scores;
        missing--;
        if (over || missing > 0) {
          return;
        }
        over = true;
      }
      receiver.scored(sum());
    }

    void fail(RuntimeException why) {
      synchronized (this) {
        if (over) {
          return;
        }
        over = true;
      }
      receiver.failed(why);
    }

    private float[] sum() {
      float[] sum = new float[size];
      for (int i = 0; i < size; i++) {
        double all = 0;
        for (int part = 0; part < answers.length; part++) {
          all += parts.get(part).weight() * answers[part][i];
        }
        sum[i] = (float) all;
      }
      return sum;
    }
  }
}
