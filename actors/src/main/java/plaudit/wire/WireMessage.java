package plaudit.wire;

/** Marks a record that crosses between nodes; {@link WireSerializer} is bound to it. */
public interface WireMessage {}
