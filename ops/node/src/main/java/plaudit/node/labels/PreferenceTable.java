package plaudit.node.labels;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import plaudit.files.AtomicFile;

/** Preferences as a table in Parquet, packed by Snappy, with the columns of {@link #SCHEMA}. */
final class PreferenceTable {

  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message schema {
            required binary prompt (STRING);
            required binary chosen (STRING);
            required binary rejected (STRING);
            required int64 chosen_version;
            required int64 rejected_version;
            required binary comparison (STRING);
            required binary vendor (STRING);
            required binary labeler (STRING);
            required binary decided (STRING);
          }""");

  private PreferenceTable() {}

  /** Writes the rows, one row group of them in memory, and gives the file its name at the end. */
  static void write(Iterator<ObjectNode> rows, Path file) {
    Path whole = file.toAbsolutePath();
    Path unfinished = whole.resolveSibling(whole.getFileName() + AtomicFile.UNFINISHED);
    try {
      Files.createDirectories(unfinished.resolveSibling("."));
      try {
        try (ParquetWriter<Group> writer =
            ExampleParquetWriter.builder(new LocalOutputFile(unfinished))
                .withConf(new PlainParquetConfiguration())
                .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                .withType(SCHEMA)
                .withCompressionCodec(CompressionCodecName.SNAPPY)
                .build()) {
          while (rows.hasNext()) {
            writer.write(group(rows.next()));
          }
        }
        AtomicFile.rename(unfinished, whole);
      } finally {
        Files.deleteIfExists(unfinished);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static Group group(ObjectNode row) {
    Group group = new SimpleGroup(SCHEMA);
    row.properties()
        .forEach(
            column -> {
              JsonNode value = column.getValue();
              if (value.isIntegralNumber()) {
                group.add(column.getKey(), value.longValue());
              } else {
                group.add(column.getKey(), value.textValue());
              }
            });
    return group;
  }
}
