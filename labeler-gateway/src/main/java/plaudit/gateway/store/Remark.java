package plaudit.gateway.store;

/**
 * Why a task was skipped or flagged.
 *
 * @param reason one word of the API
 * @param text what the person wrote, may be empty
 */
public record Remark(String reason, String text) {}
