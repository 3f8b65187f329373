package plaudit.lab.plan;

import plaudit.experience.Grant;

/** A grant of the event model, and which versions wrote it for how long. */
final class PlayedGrant {

  private final PlayedSampler by;
  private final Grant grant;
  private final long version;
  private final double begun;
  private long writer;
  private double since;
  private double versionSeconds;
  private double ended;

  /** Is begun with {@code version}. */
  PlayedGrant(PlayedSampler by, Grant grant, long version, double now) {
    this.by = by;
    this.grant = grant;
    this.version = version;
    this.begun = now;
    this.writer = version;
    this.since = now;
    this.ended = now;
  }

  PlayedSampler by() {
    return by;
  }

  Grant grant() {
    return grant;
  }

  /** Of the oldest token. */
  long version() {
    return version;
  }

  /** The mean over the tokens, each of which takes the same time. */
  double meanVersion() {
    return ended > begun ? versionSeconds / (ended - begun) : version;
  }

  /** A newer version takes over. */
  void goesOnWith(long newer, double now) {
    ends(now);
    writer = newer;
  }

  /** It is written up to here. */
  void ends(double now) {
    versionSeconds += writer * (now - since);
    since = now;
    ended = now;
  }
}
