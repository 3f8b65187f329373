package plaudit.wire;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueType;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The table manifest, type, codec: every manifest and every class is in it once. */
final class WireTable {

  private final Map<String, WireRow<?, ?>> byManifest = new TreeMap<>();
  private final Map<Class<?>, WireRow<?, ?>> byType = new HashMap<>();

  WireTable(List<WireCodec> codecs, Refs refs) {
    for (WireCodec codec : codecs) {
      codec.rows(refs).forEach(this::add);
    }
  }

  /** Reads the codecs that {@code plaudit.wire.codecs} names. */
  static WireTable from(Config config, ClassLoader loader, Refs refs) {
    Config names = config.getConfig("plaudit.wire.codecs");
    Stream<String> enabled =
        names.root().entrySet().stream()
            .filter(e -> e.getValue().valueType() == ConfigValueType.STRING)
            .map(e -> (String) e.getValue().unwrapped())
            .filter(name -> !name.isEmpty())
            .sorted();
    return new WireTable(enabled.map(name -> instantiate(name, loader)).toList(), refs);
  }

  Optional<WireRow<?, ?>> of(Class<?> type) {
    return Optional.ofNullable(byType.get(type));
  }

  Optional<WireRow<?, ?>> of(String manifest) {
    return Optional.ofNullable(byManifest.get(manifest));
  }

  Collection<WireRow<?, ?>> rows() {
    return byManifest.values();
  }

  private void add(WireRow<?, ?> row) {
    WireRow<?, ?> sameManifest = byManifest.putIfAbsent(row.manifest(), row);
    WireRow<?, ?> sameType = byType.putIfAbsent(row.type(), row);
    if (sameManifest != null || sameType != null) {
      throw new IllegalArgumentException(
          "wire row %s of %s: manifest or class is taken (expected: each once)"
              .formatted(row.manifest(), row.type().getName()));
    }
  }

  private static WireCodec instantiate(String name, ClassLoader loader) {
    try {
      return Class.forName(name, true, loader)
          .asSubclass(WireCodec.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new IllegalArgumentException(
          "plaudit.wire.codecs: %s (expected: a WireCodec with a public constructor)"
              .formatted(name),
          e);
    }
  }
}
