package plaudit.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.interpret.TemplateError.ErrorType;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * The template by which a model's tokenizer makes one text of a conversation: Jinja, from {@code
 * chat_template.jinja} or {@code tokenizer_config.json} of the model directory. Strings have
 * Python's methods that templates use ({@link PythonStrings}). Any thread may use it.
 */
public final class ChatTemplate {

  private static final String FILE = "chat_template.jinja";
  private static final String SETTINGS = "tokenizer_config.json";
  private static final String KEY = "chat_template";
  private static final String REFUSED = "refused by the template: ";

  private static final Pattern REVERSED = Pattern.compile("\\[\\s*::\\s*-1\\s*]");
  private static final Pattern NAMESPACE = Pattern.compile("namespace\\(([^()]*)\\)");
  private static final Pattern NAMED = Pattern.compile("(\\w+)\\s*=\\s*([^,]+)");
  private static final Pattern FILTERED_LOOP =
      Pattern.compile("\\{%-?\\s*for\\s[^%]*\\sin\\s[^%]*\\sif\\s[^%]*%}");

  private final String origin;
  private final String text;
  private final Map<String, Object> tokens;
  private final Jinjava engine;

  private ChatTemplate(String origin, String text, Map<String, Object> tokens) {
    this.origin = origin;
    this.text = known(text);
    this.tokens = tokens;
    this.engine = engine();
    if (FILTERED_LOOP.matcher(text).find()) {
      throw InvalidInputException.of(
          origin, "a loop with a condition, for ... in ... if ...", "an if within the loop");
    }
  }

  /**
   * The template of the model in {@code dir}.
   *
   * @throws InvalidInputException if there is none
   */
  public static ChatTemplate of(Path dir) {
    return ifAny(dir)
        .orElseThrow(
            () ->
                InvalidInputException.of(
                    "chat template of " + dir,
                    "none",
                    KEY + " in " + SETTINGS + ", or " + FILE + ": the data has conversations"));
  }

  /** The same; empty if there is none. */
  public static Optional<ChatTemplate> ifAny(Path dir) {
    Path settings = dir.resolve(SETTINGS);
    ObjectNode json =
        Files.isRegularFile(settings) ? JsonFiles.readObject(settings) : JsonFiles.newObject();
    Map<String, Object> tokens = new HashMap<>();
    for (String name : List.of("bos_token", "eos_token", "unk_token", "pad_token")) {
      JsonNode token = json.path(name);
      tokens.put(name, (token.isObject() ? token.path("content") : token).asText(""));
    }
    Path file = dir.resolve(FILE);
    if (Files.isRegularFile(file)) {
      return Optional.of(new ChatTemplate(file.toString(), JsonFiles.readString(file), tokens));
    }
    return in(json.path(KEY)).map(text -> new ChatTemplate(settings + ": " + KEY, text, tokens));
  }

  /** The one template, or of several by name the default. */
  private static Optional<String> in(JsonNode templates) {
    if (templates.isTextual()) {
      return Optional.of(templates.textValue());
    }
    for (JsonNode named : templates) {
      if (named.path("name").asText().equals("default") && named.path("template").isTextual()) {
        return Optional.of(named.path("template").textValue());
      }
    }
    return Optional.empty();
  }

  /**
   * A conversation as the model reads it.
   *
   * @param answer whether the assistant's next turn is to follow
   * @throws InvalidInputException of one line, if the template fails
   */
  public String render(Conversation conversation, boolean answer) {
    Map<String, Object> variables = new HashMap<>(tokens);
    variables.put(
        "messages",
        conversation.turns().stream()
            .map(turn -> Map.of("role", turn.role(), "content", turn.content()))
            .toList());
    variables.put("add_generation_prompt", answer);
    RenderResult result = engine.renderForResult(text, variables);
    Optional<TemplateError> error =
        result.getErrors().stream().filter(e -> e.getSeverity() == ErrorType.FATAL).findFirst();
    if (error.isPresent()) {
      throw InvalidInputException.of(
          origin, why(error.get()), "a template that renders " + roles(conversation));
    }
    return result.getOutput();
  }

  /** What the template, or a method it calls, says is wrong, or else the engine; one line. */
  private static String why(TemplateError error) {
    String why = String.valueOf(error.getMessage());
    for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidInputException) {
        why = String.valueOf(cause.getMessage());
      }
    }
    return why.lines().findFirst().orElse("");
  }

  /**
   * What a conversation's last turn adds to the text of those before it.
   *
   * @param query the text of those, after which the assistant is to speak
   */
  public String answer(Conversation answered, String query) {
    String whole = render(answered, false);
    if (!whole.startsWith(query)) {
      throw InvalidInputException.of(
          origin,
          "the text of a whole conversation that does not begin with that of its first turns",
          "a template by which it does");
    }
    return whole.substring(query.length());
  }

  private static String roles(Conversation conversation) {
    return String.join(", ", conversation.turns().stream().map(Turn::role).toList());
  }

  /** What a template calls to refuse a conversation. */
  public static Object refuse(String why) {
    InvalidInputException refusal = new InvalidInputException(REFUSED + why);
    throw refusal;
  }

  private static Jinjava engine() {
    Jinjava engine =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withNestedInterpretationEnabled(false) // what people say is no template
                .withElResolver(new PythonStrings())
                .withLegacyOverrides(
                    LegacyOverrides.newBuilder()
                        .withEvaluateMapKeys(true)
                        .withUseNaturalOperatorPrecedence(true)
                        .withParseWhitespaceControlStrictly(true)
                        .withAllowAdjacentTextNodes(true)
                        .withUseTrimmingForNotesAndExpressions(true)
                        .withKeepNullableLoopValues(true)
                        .build())
                .build());
    engine
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", ChatTemplate.class, "refuse", String.class));
    return engine;
  }

  /** The template in what the engine knows of Jinja: it has no steps of slices, for one. */
  private static String known(String template) {
    String text = REVERSED.matcher(template).replaceAll("|reverse");
    return NAMESPACE
        .matcher(text)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    "namespace(" + NAMED.matcher(found.group(1)).replaceAll("$1=($2)") + ")"));
  }
}
