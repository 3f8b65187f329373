package plaudit.eval.copying;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import plaudit.eval.copying.CopyingReport.Share;

class CopyingReportTest {

  @Test
  void sharesAreOverAllOutputs() {
    CopyingReport report =
        CopyingReport.of(
            List.of("Hi all. It rained today.", "It snowed. It was cold.", "So what now? Go home."),
            List.of("Hi all. It", "It thawed.", "So what now? Go home."),
            3,
            1);

    assertThat(report.novelSentences()).isEqualTo(new Share(1, 5));
    assertThat(report.wholeSentences()).isEqualTo(new Share(3, 5));
    assertThat(report.everything()).isEqualTo(new Share(2, 3));
    assertThat(report.start()).isEqualTo(new Share(2, 3));
    assertThat(report.startAfter())
        .containsEntry(Preamble.GREETING, new Share(2, 2))
        .containsEntry(Preamble.COLON, new Share(0, 0));
    // One word of 10 is new.
    assertThat(report.novelGrams().get(0).mean()).isEqualTo(.1);
  }

  @Property(tries = 50)
  void whoRepeatsTheInputSaysNothingNew(
      @ForAll @Size(min = 1, max = 5) List<@NotEmpty @AlphaChars String> inputs) {
    CopyingReport report = CopyingReport.of(inputs, inputs, 1, 1);

    assertThat(report.novelSentences().count()).isZero();
    assertThat(report.everything()).isEqualTo(new Share(inputs.size(), inputs.size()));
    assertThat(report.novelGrams()).allSatisfy(share -> assertThat(share.high()).isZero());
  }

  @Test
  void eachOutputNeedsItsInput() {
    assertThatThrownBy(() -> CopyingReport.of(List.of("a"), List.of(), 3, 1))
        .hasMessage("inputs, outputs: 1, 0 (expected: as many of each, at least one)");
  }
}
