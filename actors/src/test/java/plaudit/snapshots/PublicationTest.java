package plaudit.snapshots;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import plaudit.snapshots.Lineage.PublishReply.Accepted;
import plaudit.snapshots.Lineage.PublishReply.Stale;
import plaudit.snapshots.Publication.Outcome;

class PublicationTest {

  private final Publication publication = new Publication();

  @Test
  void beforeTheFirstThereIsNothingToSay() {
    assertThat(publication.waiting()).isEmpty();
    assertThat(publication.newest()).isEmpty();
    assertThat(publication.answered(new Accepted(Model.POLICY, 0))).isEqualTo(Outcome.OLD);
  }

  @Test
  void whatIsAnsweredWaitsNoMore() {
    publication.begin(snapshot(3));
    assertThat(publication.waiting()).contains(snapshot(3));
    assertThat(publication.answered(new Accepted(Model.POLICY, 3))).isEqualTo(Outcome.PUBLISHED);
    assertThat(publication.waiting()).isEmpty();
    assertThat(publication.newest()).contains(snapshot(3));
    assertThat(publication.answered(new Accepted(Model.POLICY, 3))).isEqualTo(Outcome.OLD);
  }

  /** It was said twice, so it is answered twice; meanwhile the next one waits. */
  @Test
  void aSecondAnswerIsNotTheAnswerToTheNext() {
    publication.begin(snapshot(3));
    publication.answered(new Accepted(Model.POLICY, 3));
    publication.begin(snapshot(4));
    assertThat(publication.answered(new Accepted(Model.POLICY, 3))).isEqualTo(Outcome.OLD);
    assertThat(publication.waiting()).contains(snapshot(4));
  }

  /** A repetition that was overtaken by the next version finds itself out of date: no harm. */
  @Test
  void aRefusalOfAnOldVersionIsNoRefusalOfThis() {
    publication.begin(snapshot(4));
    assertThat(publication.answered(new Stale(Model.POLICY, 3, 4))).isEqualTo(Outcome.OLD);
    assertThat(publication.answered(new Stale(Model.REWARD, 4, 4))).isEqualTo(Outcome.OLD);
    assertThat(publication.answered(new Stale(Model.POLICY, 4, 4))).isEqualTo(Outcome.REFUSED);
    assertThat(publication.waiting()).contains(snapshot(4));
  }

  @Test
  void whoeverWasOvertakenAfterPublishingHears() {
    publication.begin(snapshot(4));
    publication.answered(new Accepted(Model.POLICY, 4));
    assertThat(publication.answered(new Stale(Model.POLICY, 4, 5))).isEqualTo(Outcome.REFUSED);
  }

  private static Snapshot snapshot(long version) {
    return new Snapshot(
        Model.POLICY, version, version - 1, URI.create("file:/w"), 1, "0".repeat(64), List.of());
  }
}
