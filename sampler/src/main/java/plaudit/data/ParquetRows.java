package plaudit.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;

/**
 * A table in Parquet, one row group in memory. Lists become arrays and structures objects; bytes
 * are read as UTF-8 text.
 */
final class ParquetRows implements Rows.Source {

  private final Path file;
  private final ParquetFileReader reader;
  private final MessageType schema;
  private final MessageColumnIO columns;
  private @Nullable RecordReader<Group> records;
  private long left;
  private long row;

  ParquetRows(Path file) {
    this.file = file;
    try {
      this.reader =
          ParquetFileReader.open(
              new LocalInputFile(file),
              ParquetReadOptions.builder(new PlainParquetConfiguration()).build());
    } catch (IOException | RuntimeException e) {
      throw unreadable(e);
    }
    this.schema = reader.getFooter().getFileMetaData().getSchema();
    this.columns = new ColumnIOFactory().getColumnIO(schema);
  }

  @Override
  public boolean hasNext() {
    try {
      while (left == 0) {
        PageReadStore pages = reader.readNextRowGroup();
        if (pages == null) {
          return false;
        }
        left = pages.getRowCount();
        records = columns.getRecordReader(pages, new GroupRecordConverter(schema));
      }
      return true;
    } catch (IOException | RuntimeException e) {
      throw unreadable(e);
    } catch (LinkageError e) { // a codec that only Hadoop brings
      throw InvalidInputException.of(
          file.toString(), "packed by gzip, lzo, lz4 or brotli", "snappy, zstd or nothing");
    }
  }

  @Override
  public Rows.Row next() {
    if (!hasNext() || records == null) {
      throw new NoSuchElementException("no row after the last");
    }
    left--;
    row++;
    try {
      return new Rows.Row(file + ": row " + row, object(records.read(), schema));
    } catch (RuntimeException e) {
      left = 0;
      throw unreadable(e);
    }
  }

  private static ObjectNode object(Group group, GroupType type) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (int field = 0; field < type.getFieldCount(); field++) {
      Type of = type.getType(field);
      object.set(of.getName(), field(group, field, of));
    }
    return object;
  }

  private static JsonNode field(Group group, int field, Type type) {
    int count = group.getFieldRepetitionCount(field);
    if (type.isRepetition(Type.Repetition.REPEATED)) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      for (int i = 0; i < count; i++) {
        array.add(value(group, field, i, type));
      }
      return array;
    }
    return count == 0 ? NullNode.getInstance() : value(group, field, 0, type);
  }

  private static JsonNode value(Group group, int field, int index, Type type) {
    if (!type.isPrimitive()) {
      Group inner = group.getGroup(field, index);
      GroupType of = type.asGroupType();
      return of.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation
          ? list(inner, of)
          : object(inner, of);
    }
    JsonNodeFactory json = JsonNodeFactory.instance;
    return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
      case INT32 -> json.numberNode(group.getInteger(field, index));
      case INT64 -> json.numberNode(group.getLong(field, index));
      case FLOAT -> json.numberNode(group.getFloat(field, index));
      case DOUBLE -> json.numberNode(group.getDouble(field, index));
      case BOOLEAN -> json.booleanNode(group.getBoolean(field, index));
      case BINARY, FIXED_LEN_BYTE_ARRAY ->
          json.textNode(group.getBinary(field, index).toStringUsingUTF8());
      case INT96 -> json.textNode(group.getValueToString(field, index));
    };
  }

  /** The elements; a writer wraps each in a group of its own, or does not. */
  private static ArrayNode list(Group list, GroupType type) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    Type repeated = type.getType(0);
    boolean wrapped =
        !repeated.isPrimitive()
            && repeated.asGroupType().getFieldCount() == 1
            && !repeated.getName().equals("array")
            && !repeated.getName().equals(type.getName() + "_tuple");
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
      array.add(
          wrapped
              ? field(list.getGroup(0, i), 0, repeated.asGroupType().getType(0))
              : value(list, 0, i, repeated));
    }
    return array;
  }

  private InvalidInputException unreadable(Exception e) {
    return new InvalidInputException(
        "%s: not readable as Parquet after row %d (%s)".formatted(file, row, e.getMessage()), e);
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
