package plaudit.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;
import plaudit.experience.actor.ExperienceProtocolCodec;

class WireTableTest {

  /** Knows no actor, and is asked for none while the table is filled. */
  private static final Refs NO_REFS =
      new Refs() {
        @Override
        public String toWire(ActorRef<?> ref) {
          throw new AssertionError("asked while the table is filled");
        }

        @Override
        public <T> ActorRef<T> fromWire(String ref) {
          throw new AssertionError("asked while the table is filled");
        }
      };

  private static final Config REFERENCE = ConfigFactory.defaultReference();

  @Test
  void theManifestsAreForEver() {
    List<String> manifests =
        table(REFERENCE).rows().stream()
            .map(row -> row.manifest() + " " + row.type().getName().replaceAll(".*[.$]", ""))
            .toList();
    assertThat(manifests)
        .containsExactly(
            "EB Borrow",
            "EC Checkpointed",
            "EF SendFailed",
            "EG Grant",
            "EL Leave",
            "ELl Left",
            "EO Offer",
            "EOa Accepted",
            "EOs Stale",
            "EOu Superseded",
            "EP KeepPace",
            "EQ Asked",
            "ES GetStatus",
            "ESs Status",
            "ET TakeBatch",
            "ETb Batch",
            "LA Ask",
            "LAf Failed",
            "LAs Stored",
            "LB Begin",
            "LBa Asked",
            "LBb Begun",
            "LL GetStopReason",
            "LLl StopReason",
            "LS GetStatus",
            "LSs Status",
            "LT TakeLabels",
            "LTl Labels",
            "SA Applied",
            "SF Follow",
            "SN Snapshot",
            "SP Publish",
            "SPa Accepted",
            "SPs Stale");
  }

  @Test
  void anotherModuleAddsAndTakesOutCodecsByName() {
    Config config =
        ConfigFactory.parseString("plaudit.wire.codecs { labels = \"\", snapshots = \"\" }")
            .withFallback(REFERENCE);
    assertThat(table(config).rows()).hasSize(16);
  }

  @Test
  void aNameThatIsNoCodecIsRefused() {
    Config config =
        ConfigFactory.parseString("plaudit.wire.codecs.mine = java.lang.String")
            .withFallback(REFERENCE);
    assertThatThrownBy(() -> table(config))
        .hasMessage(
            "plaudit.wire.codecs: java.lang.String (expected: a WireCodec with a public"
                + " constructor)");
  }

  @Test
  void nothingIsInTheTableTwice() {
    List<WireCodec> twice = List.of(new ExperienceProtocolCodec(), new ExperienceProtocolCodec());
    assertThatThrownBy(() -> new WireTable(twice, NO_REFS))
        .hasMessageStartingWith(
            "wire row EB of plaudit.experience.actor.ExperienceProtocol$Borrow");
  }

  private static WireTable table(Config config) {
    return WireTable.from(config, WireTableTest.class.getClassLoader(), NO_REFS);
  }
}
