package plaudit.chat;

import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import java.beans.FeatureDescriptor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;

/** Gives the strings of a template the methods that Python's have. */
final class PythonStrings extends ELResolver {

  private final ELResolver others = JinjavaInterpreterResolver.DEFAULT_RESOLVER_READ_ONLY;

  @Override
  public @Nullable Object invoke(
      ELContext context,
      @Nullable Object base,
      Object method,
      Class<?> @Nullable [] types,
      @Nullable Object[] arguments) {
    if (base instanceof CharSequence) {
      context.setPropertyResolved(true);
      return call(base.toString(), method.toString(), arguments);
    }
    return others.invoke(context, base, method, types, arguments);
  }

  /** What the method gives; none that Java's strings have beyond these. */
  private static Object call(String text, String method, @Nullable Object[] arguments) {
    String first = arguments.length == 0 ? "" : String.valueOf(arguments[0]);
    return switch (method + " " + arguments.length) {
      case "startswith 1" -> text.startsWith(first);
      case "endswith 1" -> text.endsWith(first);
      case "strip 0", "strip 1" -> stripped(text, first, true, true);
      case "lstrip 0", "lstrip 1" -> stripped(text, first, true, false);
      case "rstrip 0", "rstrip 1" -> stripped(text, first, false, true);
      case "upper 0" -> text.toUpperCase(Locale.ROOT);
      case "lower 0" -> text.toLowerCase(Locale.ROOT);
      case "replace 2" -> text.replace(first, String.valueOf(arguments[1]));
      case "split 0" -> new ArrayList<>(List.of(text.strip().split("\\s+", -1)));
      case "split 1" -> new ArrayList<>(List.of(text.split(Pattern.quote(first), -1)));
      default ->
          throw new InvalidInputException(
              "no method %s of a text with %d arguments".formatted(method, arguments.length));
    };
  }

  private static String stripped(String text, String of, boolean left, boolean right) {
    int from = 0;
    int to = text.length();
    while (left && from < to && goes(text.charAt(from), of)) {
      from++;
    }
    while (right && to > from && goes(text.charAt(to - 1), of)) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean goes(char character, String of) {
    return of.isEmpty() ? Character.isWhitespace(character) : of.indexOf(character) >= 0;
  }

  @Override
  public @Nullable Object getValue(
      ELContext context, @Nullable Object base, @Nullable Object property) {
    return others.getValue(context, base, property);
  }

  @Override
  public @Nullable Class<?> getType(
      ELContext context, @Nullable Object base, @Nullable Object property) {
    return others.getType(context, base, property);
  }

  @Override
  public void setValue(
      ELContext context, @Nullable Object base, @Nullable Object property, @Nullable Object value) {
    others.setValue(context, base, property, value);
  }

  @Override
  public boolean isReadOnly(ELContext context, @Nullable Object base, @Nullable Object property) {
    return others.isReadOnly(context, base, property);
  }

  @Override
  public Iterator<FeatureDescriptor> getFeatureDescriptors(
      ELContext context, @Nullable Object base) {
    return others.getFeatureDescriptors(context, base);
  }

  @Override
  public Class<?> getCommonPropertyType(ELContext context, @Nullable Object base) {
    return others.getCommonPropertyType(context, base);
  }
}
