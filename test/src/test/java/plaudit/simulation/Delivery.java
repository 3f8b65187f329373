package plaudit.simulation;

/** The one kind of event: a message reaches a node. */
record Delivery(Node from, Node to, Object message) {}
