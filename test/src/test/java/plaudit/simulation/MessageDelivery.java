package plaudit.simulation;

/** The one kind of event: a message reaches a node. */
record MessageDelivery(SimulatedNode from, SimulatedNode to, Object message) {}
