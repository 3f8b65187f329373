package plaudit.chat;

/**
 * What one side says.
 *
 * @param role {@code system}, {@code user}, {@code assistant}, or another that a template knows
 * @param content what it says
 */
public record Turn(String role, String content) {

  /** The role of the model that is trained. */
  public static final String ASSISTANT = "assistant";

  /** Whether the model says it. */
  public boolean isAssistant() {
    return role.equals(ASSISTANT);
  }
}
