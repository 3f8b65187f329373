package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.input.InvalidInputException;

class SafetensorsTest {

  private Path file;

  @BeforeEach
  void nameTheFile(@TempDir Path dir) {
    file = dir.resolve("model.safetensors");
  }

  @Test
  void whatIsWrittenReadsBackWithNamesShapesAndMetadata() {
    SafetensorsWriter.write(
        file,
        Map.of("format", "pt"),
        List.of(
            SafetensorsWriter.Entry.of(
                "b", new long[] {2, 3}, Dtype.F32, () -> f32(1, 2, 3, 4, 5, 6)),
            SafetensorsWriter.Entry.of("a", new long[] {3}, Dtype.F16, () -> f32(0.5f, -2, 0.1f)),
            SafetensorsWriter.Entry.of("scalar", new long[] {}, Dtype.F32, () -> f32(7)),
            SafetensorsWriter.Entry.of("empty", new long[] {0, 4}, Dtype.F32, () -> f32())));

    Safetensors read = Safetensors.open(file);

    assertThat(read.metadata()).containsExactly(Map.entry("format", "pt"));
    assertThat(read.names()).containsExactlyInAnyOrder("b", "a", "scalar", "empty");
    assertThat(read.shape("b")).containsExactly(2, 3);
    assertThat(read.shape("scalar")).isEmpty();
    assertThat(read.dtype("a")).isEqualTo(Dtype.F16);
    assertThat(floats(read.readF32("b"))).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(floats(read.readF32("a"))).containsExactly(0.5f, -2, 0.099975586f);
    assertThat(floats(read.readF32("scalar"))).containsExactly(7);
    assertThat(floats(read.readF32("empty"))).isEmpty();
  }

  @Test
  void f32IsTheMapItselfAndDirect() {
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(SafetensorsWriter.Entry.of("x", new long[] {2}, Dtype.F32, () -> f32(1, 2))));

    ByteBuffer numbers = Safetensors.open(file).readF32("x");

    assertThat(numbers.isDirect()).isTrue();
    assertThat(numbers.isReadOnly()).isTrue();
    assertThat(numbers.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void bf16IsWidenedAndOtherFormatsAreRefused() throws IOException {
    writeRaw(
        "{\"x\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]},"
            + "\"i\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        new byte[] {(byte) 0x80, 0x3f, 0x49, (byte) 0xc0, 1, 0, 0, 0});

    Safetensors read = Safetensors.open(file);

    assertThat(floats(read.readF32("x"))).containsExactly(1f, -3.140625f);
    assertThatThrownBy(() -> read.readF32("i"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(file + ": i: dtype: I32 (expected: F32, F16 or BF16)");
  }

  @Test
  void aFormatThatIsNotKnownDisturbsNobodyWhoDoesNotReadIt() throws IOException {
    writeRaw(
        "{\"x\":{\"dtype\":\"F31\",\"shape\":[3],\"data_offsets\":[0,4]},"
            + "\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        new byte[8]);

    Safetensors read = Safetensors.open(file);

    assertThat(floats(read.readF32("y"))).containsExactly(0);
    assertThatThrownBy(() -> read.readF32("x"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(file + ": x: dtype: F31 (expected: F32, F16 or BF16)");
  }

  @Test
  void aCopiedFileMayVanishOrChangeButIsNotReadOnAsIfItHadNot() throws IOException {
    List<SafetensorsWriter.Entry> entries =
        List.of(SafetensorsWriter.Entry.of("x", new long[] {2}, Dtype.F32, () -> f32(1, 2)));
    SafetensorsWriter.write(file, Map.of(), entries);
    Safetensors read = Safetensors.copying(file);
    ByteBuffer before = read.readF32("x");
    Files.write(file, new byte[] {1}, StandardOpenOption.TRUNCATE_EXISTING);

    assertThat(floats(before)).containsExactly(1, 2);
    assertThatThrownBy(() -> read.readF32("x"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            file
                + ": changed since it was opened (expected: a file that stays as it is while in"
                + " use)");
  }

  @Test
  void theNumbersBeginAtAMultipleOfEightAndTheWriterCountsItsBytes() throws IOException {
    for (String name : List.of("x", "xx", "xxx", "xxxxxxxx")) {
      var out = new ByteArrayOutputStream();

      long bytes =
          SafetensorsWriter.write(
              out,
              Map.of(),
              List.of(SafetensorsWriter.Entry.of(name, new long[] {1}, Dtype.F32, () -> f32(1))));

      assertThat(bytes).isEqualTo(out.size());
      assertThat((bytes - Float.BYTES) % 8).isZero();
    }
  }

  @Test
  void aTensorFarBeyondTwoGigabytesIsReadFromItsPlace() throws IOException {
    long begin = 3L << 30;
    ByteBuffer head =
        head(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[1073741824],\"data_offsets\":[0,1073741824]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[2147483647],\"data_offsets\":[1073741824,3221225471]},"
                + "\"c\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[3221225471,3221225472]},"
                + "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[3221225472,3221225480]}}");
    try (FileChannel sparse =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      long start = head.remaining();
      sparse.write(head, 0);
      sparse.write(f32(8, 9), start + begin);
    }

    assertThat(floats(Safetensors.open(file).readF32("x"))).containsExactly(8, 9);
  }

  @Test
  void aTruncatedFileIsRefusedWithBothSizes() throws IOException {
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(SafetensorsWriter.Entry.of("x", new long[] {2}, Dtype.F32, () -> f32(1, 2))));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 3));

    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "%s: truncated: %d bytes (expected: %d bytes by its header)"
                .formatted(file, whole.length - 3, whole.length));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}"
            + " | y: data_offsets begin: 2 (expected: 4, where the tensor before it ends)",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}"
            + " | x: data_offsets begin: 4 (expected: 0, where the tensor before it ends)",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}"
            + " | x: data_offsets: [0, 8] (expected: 12 bytes for F32 of shape [3])",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,8]}}"
            + " | x: shape: [-1] (expected: an array of integers >= 0)",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[9000000000000000000,9],\"data_offsets\":[0,8]}}"
            + " | x: shape: [9000000000000000000, 9] (expected: fewer than 2^63 bytes)",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}"
            + " | x: data_offsets: [8, 0] (expected: [begin, end])",
        "{\"x\":7} | x: dtype: null",
        "[1,2] | header: ARRAY (expected: a JSON object)",
        "{\"x\": | header: not valid JSON"
      })
  void aHeaderThatDoesNotAddUpIsRefused(String header, String message) throws IOException {
    writeRaw(header, new byte[8]);

    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(file + ": " + message);
  }

  @Test
  void aLengthBeyondTheFileIsRefusedBeforeItIsRead() throws IOException {
    Files.write(file, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'});

    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            file
                + ": header length: 18446744073709551615 (expected: 2 to 2 for a file of 10 bytes)");
  }

  @Test
  void numbersThatDoNotFillTheirShapeAreRefusedWhenWritten() {
    var entry = SafetensorsWriter.Entry.of("x", new long[] {2, 2}, Dtype.F32, () -> f32(1, 2, 3));

    assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of(), List.of(entry)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("x: 3 numbers (expected: 4 for shape [2, 2])");
  }

  static ByteBuffer f32(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  static float[] floats(ByteBuffer bytes) {
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  private void writeRaw(String header, byte[] data) throws IOException {
    ByteBuffer head = head(header);
    ByteBuffer all = ByteBuffer.allocate(head.remaining() + data.length).put(head).put(data);
    Files.write(file, all.array());
  }

  private static ByteBuffer head(String header) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .flip();
  }
}
