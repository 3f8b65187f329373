package plaudit.model;

/** Settings that DJL reads when its first class loads. */
public final class Djl {

  private Djl() {}

  /**
   * Keeps DJL from downloading anything and from phoning home, unless the user set the properties
   * themselves. To be called before DJL is first touched; calling it again changes nothing.
   */
  public static void quiet() {
    setIfAbsent("ai.djl.offline", "true");
    setIfAbsent("OPT_OUT_TRACKING", "true");
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
