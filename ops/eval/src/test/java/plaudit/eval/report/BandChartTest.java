package plaudit.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import plaudit.eval.report.BandChart.Band;
import plaudit.eval.report.BandChart.Curve;

class BandChartTest {

  private static final List<Band> BANDS =
      List.of(new Band(1, 2, 1, 3), new Band(2, 4, 3, 5), new Band(3, Double.NaN, 0, 0));

  @Test
  void aCurveIsALineAndABandAndAName() throws Exception {
    Document picture =
        parse(
            new BandChart(
                "A <title>",
                "update",
                "reward",
                List.of(
                    new Curve("one & only", "#1b6ca8", false, BANDS),
                    new Curve(
                        "best", "#7a8594", true, List.of(Band.point(1, 6), Band.point(2, 6))))));

    assertThat(texts(picture)).contains("A <title>", "one & only", "best", "update", "reward");
    assertThat(paths(picture, "fill", "#1b6ca8")).hasSize(1);
    assertThat(paths(picture, "stroke", "#1b6ca8")).as("line and legend").hasSize(2);
    assertThat(paths(picture, "fill", "#7a8594")).as("no band without a width").isEmpty();
    assertThat(paths(picture, "stroke", "#1b6ca8").get(0))
        .as("what is not finite is left out")
        .matches("M[\\d.]+ [\\d.]+L[\\d.]+ [\\d.]+");
  }

  @Test
  void nothingMeasuredIsSaid() throws Exception {
    Document picture =
        parse(new BandChart("t", "x", "y", List.of(new Curve("c", "#000000", false, List.of()))));

    assertThat(texts(picture)).contains("nothing was measured");
  }

  @Test
  void aColourCannotBringAnythingElse() {
    assertThatThrownBy(() -> new Curve("c", "red\" onload=\"", false, BANDS))
        .hasMessageContaining("colour");
  }

  private static Document parse(BandChart chart) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(chart.svg().getBytes(StandardCharsets.UTF_8)));
  }

  private static List<String> texts(Document picture) {
    NodeList all = picture.getElementsByTagName("text");
    return IntStream.range(0, all.getLength()).mapToObj(i -> all.item(i).getTextContent()).toList();
  }

  private static List<String> paths(Document picture, String attribute, String value) {
    NodeList all = picture.getElementsByTagName("path");
    return IntStream.range(0, all.getLength())
        .mapToObj(i -> all.item(i).getAttributes())
        .filter(a -> a.getNamedItem(attribute) != null)
        .filter(a -> a.getNamedItem(attribute).getNodeValue().equals(value))
        .map(a -> a.getNamedItem("d").getNodeValue())
        .toList();
  }
}
