package plaudit.model;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs TorchScript source text into the archive that libtorch loads and compiles.
 *
 * <p>libtorch compiles the <em>source</em> inside an archive when it loads it, so no Python is
 * needed to make one: a stored (uncompressed) zip with one root folder that holds the pickled
 * instance of the root class (here: a class {@code M} without parameters), its constants, a format
 * version and the code. What the code may say is the serialised dialect: operators are {@code
 * torch.op(...)}, methods are {@code (self).name(...)}.
 */
final class TorchScriptArchive {

  private static final String ROOT = "net/";

  // Protocol 2; global "__torch__ M"; empty tuple; NEWOBJ; {"training": True}; BUILD; STOP.
  private static final byte[] ROOT_OBJECT =
      concat(
          new byte[] {(byte) 0x80, 2, 'c'},
          ascii("__torch__\nM\n"),
          new byte[] {')', (byte) 0x81, '}', 'X', 8, 0, 0, 0},
          ascii("training"),
          new byte[] {(byte) 0x88, 's', 'b', '.'});

  private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

  private TorchScriptArchive() {}

  /**
   * The archive of one module.
   *
   * @param methods the source of the methods of class {@code M}, indented by two spaces
   */
  static byte[] of(String methods) {
    String code =
        "class M(Module):\n"
            + "  __parameters__ = []\n"
            + "  __buffers__ = []\n"
            + "  training : bool\n"
            + methods;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      put(zip, "data.pkl", ROOT_OBJECT);
      put(zip, "constants.pkl", EMPTY_TUPLE);
      put(zip, "version", ascii("10\n"));
      put(zip, "code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(ROOT + name);
    entry.setSize(content.length);
    entry.setCompressedSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
