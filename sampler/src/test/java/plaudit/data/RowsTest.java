package plaudit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import plaudit.input.InvalidInputException;

class RowsTest {

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "lines.jsonl;{\"a\": 1}|{\"a\": 2}|",
        "lines.json;{\"a\": 1}|{\"a\": 2}",
        "array.json;[{\"a\": 1},|{\"a\": 2}]",
        "array.jsonl;[{\"a\": 1}, {\"a\": 2}]",
        "spread.json;{|\"a\": 1}|{\"a\":| 2}",
      })
  void jsonIsReadAsLinesOrAsAnArrayWhateverTheFileIsCalled(String name, String text)
      throws IOException {
    Path file = write(name, text.replace('|', '\n'));
    assertThat(Rows.read(file, Columns.SAME))
        .extracting(row -> row.value().path("a").asInt())
        .containsExactly(1, 2);
  }

  @Test
  void aBrokenLineIsRefusedAndTheOneAfterItStillRead() throws IOException {
    Path file = write("rows.jsonl", "{\"a\": 1}\n\n{\"a\": \n{\"a\": 3}\n");
    try (Rows rows = Rows.open(file)) {
      assertThat(rows.next().place()).isEqualTo(file + ": line 1");
      assertThatThrownBy(rows::next)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith(file + ": line 3: not valid JSON");
      assertThat(rows.next().value().path("a").asInt()).isEqualTo(3);
      assertThat(rows.hasNext()).isFalse();
    }
  }

  @Test
  void aTableHasTheNamesOfItsFirstLineAndCellsMayHoldLineBreaks() throws IOException {
    Path file =
        write(
            "rows.csv",
            "\ufeffquestion,best,tags\n\"one,\ntwo\",1,\"[\"\"x\"\"]\"\n\n42,,\n\"he said \"\"so\"\"\",True,no\n");
    List<Rows.Row> rows = Rows.read(file, Columns.parse("--column", List.of("prompt=question")));
    assertThat(rows)
        .extracting(row -> row.value().path("prompt").textValue())
        .containsExactly("one,\ntwo", "42", "he said \"so\"");
    assertThat(rows.get(0).value().path("best").isInt()).isTrue();
    assertThat(rows.get(0).value().path("tags").path(0).textValue()).isEqualTo("x");
    assertThat(rows.get(1).value().has("best")).isFalse();
    assertThat(rows.get(2).value().path("best").isBoolean()).isTrue();
    assertThat(rows)
        .extracting(Rows.Row::place)
        .containsExactly(file + ": line 2", file + ": line 5", file + ": line 6");
  }

  @Test
  void aLineWithMoreCellsThanNamesIsRefusedAndTheOneAfterItStillRead() throws IOException {
    Path file = write("rows.tsv", "a\tb\n1\t2\t3\n4\t5\n");
    try (Rows rows = Rows.open(file)) {
      assertThatThrownBy(rows::next)
          .hasMessage(file + ": line 2: 3 cells (expected: 2, as many as line 1 has names)");
      assertThat(rows.next().value().path("b").textValue()).isEqualTo("5");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = CompressionCodecName.class,
      names = {"UNCOMPRESSED", "SNAPPY", "ZSTD"})
  void parquetIsReadWithListsAndStructures(CompressionCodecName codec) throws IOException {
    Path file = dir.resolve("train-00000-of-00001.parquet");
    MessageType schema =
        MessageTypeParser.parseMessageType(
            """
            message schema {
              optional binary prompt (STRING);
              optional group messages (LIST) { repeated group list { optional group element {
                optional binary content (STRING); optional binary role (STRING); } } }
              optional group ids (LIST) { repeated group list { optional int64 element; } }
              optional double score; optional boolean label; optional int32 best; optional float f;
            }""");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(schema)
            .withCompressionCodec(codec)
            .build()) {
      Group first = new SimpleGroup(schema);
      first.add("prompt", "Grüß Gott");
      Group messages = first.addGroup("messages");
      for (String role : List.of("user", "assistant")) {
        Group message = messages.addGroup("list").addGroup("element");
        message.add("content", "I am the " + role);
        message.add("role", role);
      }
      Group ids = first.addGroup("ids");
      ids.addGroup("list").add("element", 7L);
      ids.addGroup("list").add("element", 8L);
      first.append("score", 0.5).append("label", true).append("best", 2).append("f", 1.5f);
      writer.write(first);
      writer.write(new SimpleGroup(schema));
    }
    List<Rows.Row> rows = Rows.read(file, Columns.SAME);
    assertThat(rows.get(0).place()).isEqualTo(file + ": row 1");
    assertThat(rows.get(0).value())
        .hasToString(
            "{\"prompt\":\"Grüß Gott\",\"messages\":[{\"content\":\"I am the user\",\"role\":"
                + "\"user\"},{\"content\":\"I am the assistant\",\"role\":\"assistant\"}],\"ids\":"
                + "[7,8],\"score\":0.5,\"label\":true,\"best\":2,\"f\":1.5}");
    assertThat(rows.get(1).value().path("messages").isNull()).isTrue();
  }

  @Test
  void aDamagedParquetFileIsRefusedInOneLine() throws IOException {
    Path file = write("x.parquet", "PAR1 and then nothing of the kind");
    assertThatThrownBy(() -> Rows.read(file, Columns.SAME))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(file + ": not readable as Parquet after row 0 (");
  }

  @Test
  void anArrowFileIsRefusedWithTheWayToConvertIt() throws IOException {
    Path file = write("data-00000-of-00001.arrow", "\0\0\0\0");
    assertThatThrownBy(() -> Rows.open(file)).hasMessageContaining("to_parquet(FILE)");
  }

  @Test
  void packedFilesAreReadToo() throws IOException {
    Path file = dir.resolve("rows.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("a\nx\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(Rows.read(file, Columns.SAME).get(0).value().path("a").textValue()).isEqualTo("x");
  }

  @Test
  void columnsAreFoundAtAnyDepthAndOneThatIsMissingIsNamed() throws IOException {
    Path file = write("rows.jsonl", "{\"q\": {\"text\": [\"one\", \"two\"]}}\n{\"q\": 1}\n");
    Columns columns = Columns.parse("--column", List.of("prompt=q.text.1"));
    try (Rows rows = Rows.open(file, columns)) {
      assertThat(rows.next().value().path("prompt").textValue()).isEqualTo("two");
      assertThatThrownBy(rows::next)
          .hasMessage(file + ": line 2: no column q.text.1 (expected: one of q)");
    }
    assertThatThrownBy(() -> Columns.parse("--column", List.of("prompt")))
        .hasMessage("--column: prompt (expected: NAME=COLUMN, such as prompt=question)");
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(dir.resolve(name), text);
  }
}
