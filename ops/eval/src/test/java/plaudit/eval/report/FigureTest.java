package plaudit.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import plaudit.eval.report.Figure.Line;
import plaudit.eval.report.RunReport.Point;

class FigureTest {

  @Test
  void eachLineIsDrawnAndNamedAndThePictureIsXml() throws Exception {
    Document svg =
        parse(
            Figure.svg(
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
        parse(Figure.svg("t", "x", "y", List.of(new Line("one", same), new Line("two", same))));

    assertThat(height(svg, "two") - height(svg, "one")).isGreaterThanOrEqualTo(12);
  }

  @Test
  void aFigureOfNothingIsRefused() {
    assertThatThrownBy(() -> Figure.svg("t", "x", "y", List.of()))
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
}
