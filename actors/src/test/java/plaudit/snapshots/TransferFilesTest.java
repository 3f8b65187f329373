package plaudit.snapshots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransferFilesTest {

  private static final byte[] BYTES = new byte[3_000_000];

  static {
    new Random(1).nextBytes(BYTES);
  }

  @TempDir private Path directory;

  @Test
  void aFileGoesOverHttpWholeOrInRangesAndIsVerified() throws Exception {
    try (SnapshotServer server = SnapshotServer.bind("127.0.0.1", 0, "127.0.0.1", 2)) {
      SnapshotFiles here = SnapshotFiles.servedAt(directory.resolve("here"), server.url());
      server.serve(here);
      FileRef ref = here.transfers().write("weights-1", out -> out.write(BYTES));
      assertThat(ref.bytes()).isEqualTo(BYTES.length);
      assertThat(ref.url()).isEqualTo(server.url().resolve("exchange/weights-1"));

      TransferFiles there = SnapshotFiles.cache(directory.resolve("there"), false).transfers();
      Path file = there.fetch(ref, "weights-9");
      assertThat(file).hasBinaryContent(BYTES);
      there.delete("weights-9");
      assertThat(there.count()).isZero();

      HttpResponse<byte[]> range = get(ref.url(), "bytes=10-19");
      assertThat(range.statusCode()).isEqualTo(206);
      assertThat(range.body()).isEqualTo(java.util.Arrays.copyOfRange(BYTES, 10, 20));
      assertThat(range.headers().firstValue("ETag")).hasValue('"' + ref.sha256() + '"');

      FileRef other = new FileRef(ref.url(), ref.bytes(), "0".repeat(64));
      assertThatThrownBy(() -> there.fetch(other, "a"))
          .isInstanceOf(SnapshotFileException.Corrupt.class);
      here.transfers().delete("weights-1");
      assertThatThrownBy(() -> there.fetch(ref, "a"))
          .isInstanceOf(SnapshotFileException.Unavailable.class);
      assertThat(there.count()).isZero();
    }
  }

  @Test
  void nothingButTransferFilesIsServed() throws Exception {
    try (SnapshotServer server = SnapshotServer.bind("127.0.0.1", 0, "127.0.0.1", 2)) {
      SnapshotFiles files = SnapshotFiles.servedAt(directory.resolve("here"), server.url());
      server.serve(files);
      Files.writeString(directory.resolve("here/secret"), "s");
      Files.writeString(directory.resolve("here/exchange/stranger"), "s");
      for (String path :
          new String[] {"exchange/stranger", "exchange/..%2fsecret", "secret", "exchange/"}) {
        assertThat(get(URI.create(server.url() + path), "bytes=0-").statusCode()).isEqualTo(404);
      }
    }
  }

  @Test
  void inOneProcessAFileIsReadWhereItIsAndAFailedOneLeavesNothing() {
    TransferFiles transfers = SnapshotFiles.in(directory).transfers();
    FileRef ref = transfers.write("a", out -> out.write(1));
    assertThat(transfers.fetch(ref, "b")).isEqualTo(Path.of(ref.url()));
    assertThatThrownBy(
            () ->
                transfers.write(
                    "c",
                    out -> {
                      throw new IOException("full");
                    }))
        .isInstanceOf(SnapshotFileException.NotWritten.class);
    assertThatThrownBy(() -> transfers.write("../x", out -> {}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(transfers.count()).isOne();
    assertThat(SnapshotFiles.in(directory).transfers().count()).isZero(); // another life
  }

  private static HttpResponse<byte[]> get(URI url, String range) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(url).header("Range", range).build(),
            HttpResponse.BodyHandlers.ofByteArray());
  }
}
