package plaudit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;
import plaudit.experience.OfferReply;

/**
 * Bytes of released schemas still mean what they meant: a node of the last release and one of this
 * release understand each other while the cluster is renewed. A failure here is a broken schema,
 * never a reason to change the bytes.
 */
class WireCompatibilityTest {

  private static final ActorRef<Object> REF = TestInbox.<Object>create().getRef();

  private final WireTable table =
      WireTable.from(
          ConfigFactory.defaultReference(),
          WireCompatibilityTest.class.getClassLoader(),
          new FixedRefs());

  private final Map<String, String> golden = golden();

  @Test
  void messagesStillHaveTheirBytes() {
    Map<String, String> written = new TreeMap<>();
    for (WireMessage message : Messages.all(REF)) {
      WireRow<?, ?> row = table.of(message.getClass()).orElseThrow();
      written.merge(row.manifest(), hex(row, message), (a, b) -> a + "|" + b);
    }
    assertThat(written).isEqualTo(golden);
  }

  @Test
  void bytesStillMeanTheirMessages() throws IOException {
    List<WireMessage> messages = Messages.all(REF);
    for (WireMessage message : messages) {
      WireRow<?, ?> row = table.of(message.getClass()).orElseThrow();
      List<Object> read = new ArrayList<>();
      for (String hex : golden.getOrDefault(row.manifest(), "").split("\\|", -1)) {
        read.add(row.read(ByteBuffer.wrap(HexFormat.of().parseHex(hex))));
      }
      assertThat(read).contains(message);
    }
  }

  /** A newer node may say more: what is not known is passed over. */
  @Test
  void anUnknownFieldIsPassedOver() throws IOException {
    WireRow<?, ?> row = table.of("EOa").orElseThrow();
    byte[] fieldNinetyNine = HexFormat.of().parseHex("0805" + "98062a");
    assertThat(row.read(ByteBuffer.wrap(fieldNinetyNine))).isEqualTo(new OfferReply.Accepted(5));
  }

  private static Map<String, String> golden() {
    try (InputStream in = WireCompatibilityTest.class.getResourceAsStream("golden.properties")) {
      Properties lines = new Properties();
      lines.load(in);
      Map<String, String> bytes = new TreeMap<>();
      lines.stringPropertyNames().forEach(m -> bytes.put(m, lines.getProperty(m)));
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hex(WireRow<?, ?> row, WireMessage message) {
    return HexFormat.of().formatHex(row.toBytes(message));
  }

  private static final class FixedRefs implements Refs {
    @Override
    public String toWire(ActorRef<?> ref) {
      return "ref";
    }

    @Override
    @SuppressWarnings("unchecked") // the one reference stands for all
    public <T> ActorRef<T> fromWire(String ref) {
      assertThat(ref).isEqualTo("ref");
      return (ActorRef<T>) (ActorRef<?>) REF;
    }
  }
}
