package plaudit.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import plaudit.eval.report.LineChart.Band;
import plaudit.eval.report.LineChart.Curve;
import plaudit.eval.report.LineChart.Line;
import plaudit.eval.report.RunReport.Point;

class LineChartTest {

  private static final List<Band> BANDS =
      List.of(new Band(1, 2, 1, 3), new Band(2, 4, 3, 5), new Band(3, Double.NaN, 0, 0));

  @Test
  void aCurveIsALineAndABandAndAName() throws Exception {
    Document picture =
        parse(
            LineChart.withLegend(
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
        parse(
            LineChart.withLegend(
                "t", "x", "y", List.of(new Curve("c", "#000000", false, List.of()))));

    assertThat(texts(picture)).contains("nothing was measured");
  }

  @Test
  void aColourCannotBringAnythingElse() {
    assertThatThrownBy(() -> new Curve("c", "red\" onload=\"", false, BANDS))
        .hasMessageContaining("colour");
  }

  @Test
  void eachLineIsDrawnAndNamedAndThePictureIsXml() throws Exception {
    Document svg =
        parse(
            LineChart.withNames(
                "Title & more",
                "x",
                "y",
                List.of(
                    new Line("<up>", List.of(new Point(1, 0), new Point(64, 10))),
                    new Line("down", List.of(new Point(1, 10), new Point(64, 0))))));

    NodeList paths = svg.getElementsByTagName("path");
    assertThat(paths.getLength()).isEqualTo(2);
    assertThat(svg.getDocumentElement().getTextContent())
        .contains("Title & more", "<up>", "down", "x", "y");
  }

  @Test
  void namesOfLinesThatEndTogetherDoNotOverlap() throws Exception {
    List<Point> same = List.of(new Point(0, 1), new Point(1, 1));
    Document svg =
        parse(
            LineChart.withNames(
                "t", "x", "y", List.of(new Line("one", same), new Line("two", same))));

    assertThat(height(svg, "two") - height(svg, "one")).isGreaterThanOrEqualTo(12);
  }

  @Test
  void aFigureOfNothingIsRefused() {
    assertThatThrownBy(() -> LineChart.withNames("t", "x", "y", List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Line("empty", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty");
  }

  private static double height(Document svg, String name) {
    NodeList texts = svg.getElementsByTagName("text");
    for (int i = 0; i < texts.getLength(); i++) {
      if (texts.item(i).getTextContent().equals(name)) {
        return Double.parseDouble(texts.item(i).getAttributes().getNamedItem("y").getTextContent());
      }
    }
    throw new AssertionError("no text " + name);
  }

  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
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
