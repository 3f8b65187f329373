package plaudit.cli.doctor;

import java.util.Locale;

/** The rules: how much of each thing a run needs. */
final class Limits {

  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  private Limits() {}

  static Finding java(int feature, String version) {
    return feature >= 17
        ? Finding.ok("java", version)
        : Finding.fail("java", version + " (expected: 17 or newer)");
  }

  static Finding heap(long bytes) {
    String found = size(bytes) + " Java heap";
    if (bytes < 512 * MIB) {
      return Finding.fail("heap", found + " (expected: >= 512 MiB; PLAUDIT_HEAP=2g sets it)");
    }
    return bytes < 3 * GIB / 2
        ? Finding.warn("heap", found + " (better: 2 GiB; PLAUDIT_HEAP=2g sets it)")
        : Finding.ok("heap", found);
  }

  /** Weights, gradients and optimizer state live outside the heap. */
  static Finding memory(long bytes) {
    String found = size(bytes) + " in this machine";
    if (bytes < 2 * GIB) {
      return Finding.fail("memory", found + " (expected: >= 2 GiB)");
    }
    return bytes < 6 * GIB
        ? Finding.warn("memory", found + " (better: 6 GiB; models of 100M parameters want 8)")
        : Finding.ok("memory", found);
  }

  static Finding cores(int cores) {
    return cores < 2
        ? Finding.warn("cores", cores + " (better: 2, so that sampling and learning overlap)")
        : Finding.ok("cores", String.valueOf(cores));
  }

  static Finding disk(String where, long freeBytes) {
    String found = size(freeBytes) + " free at " + where;
    if (freeBytes < GIB) {
      return Finding.fail("disk", found + " (expected: >= 1 GiB)");
    }
    return freeBytes < 5 * GIB
        ? Finding.warn("disk", found + " (better: 5 GiB; checkpoints take some)")
        : Finding.ok("disk", found);
  }

  static String size(long bytes) {
    return bytes >= GIB
        ? String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIB)
        : (bytes / MIB) + " MiB";
  }
}
