package plaudit.snapshots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import plaudit.snapshots.Lineage.PublishReply.Accepted;
import plaudit.snapshots.Lineage.PublishReply.Stale;

class LineageTest {

  private final Lineage lineage = new Lineage(Map.of());

  @Test
  void theFirstVersionIsZeroAndHasNoParent() {
    assertThat(lineage.publish(snapshot(3, 2, 'a'))).isEqualTo(new Stale(Model.POLICY, 3, -1));
    assertThat(lineage.publish(snapshot(0, -1, 'a'))).isEqualTo(new Accepted(Model.POLICY, 0));
  }

  @Test
  void ofTwoChildrenOfOneVersionTheFirstWins() {
    lineage.publish(snapshot(0, -1, 'a'));
    assertThat(lineage.publish(snapshot(1, 0, 'b'))).isEqualTo(new Accepted(Model.POLICY, 1));
    assertThat(lineage.publish(snapshot(1, 0, 'c'))).isEqualTo(new Stale(Model.POLICY, 1, 1));
    assertThat(lineage.newest(Model.POLICY)).contains(snapshot(1, 0, 'b'));
  }

  @Test
  void sayingItAgainIsHarmless() {
    lineage.publish(snapshot(0, -1, 'a'));
    assertThat(lineage.publish(snapshot(0, -1, 'a'))).isEqualTo(new Accepted(Model.POLICY, 0));
  }

  @Test
  void modelsHaveTheirOwnLines() {
    lineage.publish(snapshot(0, -1, 'a'));
    assertThat(lineage.newest(Model.REWARD)).isEmpty();
  }

  @Test
  void aRecoveredLineGoesOn() {
    Lineage recovered = new Lineage(Map.of(Model.POLICY, snapshot(6, 5, 'a')));
    assertThat(recovered.publish(snapshot(7, 6, 'b'))).isEqualTo(new Accepted(Model.POLICY, 7));
    assertThatThrownBy(() -> new Lineage(Map.of(Model.REWARD, snapshot(6, 5, 'a'))))
        .hasMessage("recovered snapshot of REWARD: of POLICY (expected: its own)");
  }

  @Property
  void versionsGrowByOneAndEachNamesItsParent(
      @ForAll List<@IntRange(min = 0, max = 6) Integer> versions) {
    Lineage line = new Lineage(Map.of());
    long newest = -1;
    for (int version : versions) {
      boolean accepted = line.publish(snapshot(version, version - 1L, 'a')) instanceof Accepted;
      assertThat(accepted).isEqualTo(version == newest + 1 || (version == newest && newest >= 0));
      newest = line.newest(Model.POLICY).map(Snapshot::version).orElse(-1L);
    }
  }

  private static Snapshot snapshot(long version, long parent, char digest) {
    return new Snapshot(
        Model.POLICY,
        version,
        parent,
        URI.create("file:/w"),
        1,
        String.valueOf(digest).repeat(64),
        List.of());
  }
}
