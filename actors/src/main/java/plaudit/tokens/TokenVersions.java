package plaudit.tokens;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which policy version wrote each token of a response. Most responses are written by one version; a
 * newer one may take over between two tokens, an older one never does.
 *
 * @param runs from the first token on, versions rising
 */
public record TokenVersions(List<Run> runs) {

  /**
   * Neighbouring tokens of one version.
   *
   * @param version the policy version that wrote them
   * @param count how many, {@code >= 1}
   */
  public record Run(long version, int count) {
    public Run {
      if (version < 0) {
        throw new IllegalArgumentException("policyVersion: " + version + " (expected: >= 0)");
      }
      if (count < 1) {
        throw new IllegalArgumentException(
            "tokens of version %d: %d (expected: >= 1)".formatted(version, count));
      }
    }
  }

  public TokenVersions {
    runs = List.copyOf(runs);
    if (runs.isEmpty()) {
      throw new IllegalArgumentException("token versions: none (expected: at least one)");
    }
    for (int i = 1; i < runs.size(); i++) {
      if (runs.get(i).version() <= runs.get(i - 1).version()) {
        throw new IllegalArgumentException("token versions: %s (expected: rising)".formatted(runs));
      }
    }
  }

  /** {@code count} tokens of one version. */
  public static TokenVersions of(long version, int count) {
    return new TokenVersions(List.of(new Run(version, count)));
  }

  /** The version of each token; must never decrease. */
  public static TokenVersions ofEach(long... versions) {
    List<Run> runs = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= versions.length; i++) {
      if (i == versions.length || versions[i] != versions[from]) {
        runs.add(new Run(versions[from], i - from));
        from = i;
      }
    }
    return new TokenVersions(runs);
  }

  /** The version of the first token, which counts for bounds on staleness. */
  public long oldest() {
    return runs.get(0).version();
  }

  /** The version of the last token. */
  public long newest() {
    return runs.get(runs.size() - 1).version();
  }

  /** How many tokens. */
  public int length() {
    return runs.stream().mapToInt(Run::count).sum();
  }

  /** Whether more than one version wrote it. */
  public boolean isMixed() {
    return runs.size() > 1;
  }

  /** Whether {@code version} wrote all of it. */
  public boolean isOnly(long version) {
    return !isMixed() && oldest() == version;
  }

  /** The version of the token at {@code index}. */
  public long at(int index) {
    int end = 0;
    for (Run run : runs) {
      end += run.count();
      if (index < end) {
        return run.version();
      }
    }
    throw new IndexOutOfBoundsException("token %d of %d".formatted(index, end));
  }

  /** The sum over the tokens of {@code version} less the token's own, in versions. */
  public long age(long version) {
    return runs.stream().mapToLong(run -> (version - run.version()) * run.count()).sum();
  }

  /**
   * Whether both can come of one decoding: then at each place at which both have a token, the same
   * version wrote it.
   */
  public boolean goesWith(TokenVersions other) {
    int both = Math.min(length(), other.length());
    return runs.equals(other.runs) || IntStream.range(0, both).allMatch(i -> at(i) == other.at(i));
  }
}
