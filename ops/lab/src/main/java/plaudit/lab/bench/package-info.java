/**
 * Benchmarks: the measurements of {@code plaudit bench}, without options and printing.
 *
 * <p>{@link plaudit.lab.bench.ControlPlane} runs the real places and the real messages with workers
 * that only take their time, so that what is left is what the control plane costs.
 */
@NullMarked
package plaudit.lab.bench;

import org.jspecify.annotations.NullMarked;
