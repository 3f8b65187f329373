package plaudit.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * The checked header of a safetensors file: eight bytes of length, a JSON object, then the tensors
 * side by side without gap or overlap up to the end of the file.
 *
 * @param metadata the free text under {@code __metadata__}
 * @param tensors by name, in order of place
 * @param dataStart where in the file the first tensor begins
 */
record SafetensorsHeader(
    Map<String, String> metadata, Map<String, Tensor> tensors, long dataStart) {

  /** As in the format's own reader, so that a wild length is not allocated. */
  static final long MAX_LENGTH = 100_000_000;

  static final int LENGTH_BYTES = 8;
  static final String METADATA = "__metadata__";

  /**
   * One tensor: its format, its shape and its bytes, counted from the data's start.
   *
   * @param type the format's name, which need not be one that is known here
   */
  record Tensor(String name, String type, List<Long> shape, long begin, long end) {
    Optional<Dtype> dtype() {
      return Arrays.stream(Dtype.values()).filter(d -> d.name().equals(type)).findFirst();
    }

    long bytes() {
      return end - begin;
    }
  }

  static SafetensorsHeader read(FileChannel channel, Path file) throws IOException {
    long size = channel.size();
    if (size < LENGTH_BYTES) {
      throw InvalidInputException.of(file + ": size", size + " bytes", ">= 8, a header length");
    }
    long length = readFully(channel, 0, LENGTH_BYTES).getLong();
    if (length < 2 || length > MAX_LENGTH || length > size - LENGTH_BYTES) {
      throw InvalidInputException.of(
          file + ": header length",
          Long.toUnsignedString(length),
          "2 to "
              + Math.min(MAX_LENGTH, size - LENGTH_BYTES)
              + " for a file of "
              + size
              + " bytes");
    }
    ByteBuffer json = readFully(channel, LENGTH_BYTES, (int) length);
    ObjectNode root =
        JsonFiles.parseObject(StandardCharsets.UTF_8.decode(json).toString(), file + ": header");
    return parse(root, LENGTH_BYTES + length, size, file);
  }

  private static SafetensorsHeader parse(ObjectNode root, long dataStart, long size, Path file) {
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Tensor> tensors = new ArrayList<>();
    root.properties()
        .forEach(
            field -> {
              if (field.getKey().equals(METADATA)) {
                field
                    .getValue()
                    .properties()
                    .forEach(m -> metadata.put(m.getKey(), m.getValue().asText()));
              } else {
                tensors.add(tensor(field.getKey(), field.getValue(), file));
              }
            });
    tensors.sort(Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end));
    long end = 0;
    Map<String, Tensor> byName = new LinkedHashMap<>();
    for (Tensor tensor : tensors) {
      if (tensor.begin() != end) {
        throw InvalidInputException.of(
            "%s: %s: data_offsets begin".formatted(file, tensor.name()),
            tensor.begin(),
            end + ", where the tensor before it ends");
      }
      end = tensor.end();
      byName.put(tensor.name(), tensor);
    }
    if (size != dataStart + end) {
      throw InvalidInputException.of(
          file + (size < dataStart + end ? ": truncated" : ": size"),
          size + " bytes",
          (dataStart + end) + " bytes by its header");
    }
    return new SafetensorsHeader(
        Collections.unmodifiableMap(metadata), Collections.unmodifiableMap(byName), dataStart);
  }

  private static Tensor tensor(String name, JsonNode json, Path file) {
    String what = file + ": " + name + ": ";
    if (!json.path("dtype").isTextual()) {
      throw InvalidInputException.of(
          what + "dtype", json.get("dtype"), Arrays.toString(Dtype.values()));
    }
    List<Long> shape = integers(json.path("shape"), what + "shape");
    List<Long> offsets = integers(json.path("data_offsets"), what + "data_offsets");
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw InvalidInputException.of(what + "data_offsets", offsets, "[begin, end]");
    }
    var tensor =
        new Tensor(name, json.path("dtype").asText(), shape, offsets.get(0), offsets.get(1));
    tensor.dtype().ifPresent(dtype -> checkSize(tensor, dtype, what));
    return tensor;
  }

  private static void checkSize(Tensor tensor, Dtype dtype, String what) {
    long bytes;
    try {
      bytes = tensor.shape().stream().reduce((long) dtype.bytes(), Math::multiplyExact);
    } catch (ArithmeticException e) {
      throw InvalidInputException.of(what + "shape", tensor.shape(), "fewer than 2^63 bytes");
    }
    if (tensor.bytes() != bytes) {
      throw InvalidInputException.of(
          what + "data_offsets",
          List.of(tensor.begin(), tensor.end()),
          "%d bytes for %s of shape %s".formatted(bytes, dtype, tensor.shape()));
    }
  }

  private static List<Long> integers(JsonNode json, String what) {
    List<Long> values = new ArrayList<>();
    for (JsonNode value : json) {
      if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
        throw InvalidInputException.of(what, json, "an array of integers >= 0");
      }
      values.add(value.longValue());
    }
    if (!json.isArray()) {
      throw InvalidInputException.of(what, json, "an array of integers >= 0");
    }
    return List.copyOf(values);
  }

  private static ByteBuffer readFully(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return buffer.flip();
  }
}
