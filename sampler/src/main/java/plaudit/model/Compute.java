package plaudit.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import plaudit.input.InvalidInputException;

/**
 * Where tensors live, how many threads one operation may use, and how matrices are multiplied.
 *
 * @param device {@code cpu}, {@code gpu} or {@code gpu:N}
 * @param threads intra-operation threads of one computing thread; each actor that computes has its
 *     own
 * @param precision of the products with weights
 */
public record Compute(String device, int threads, Precision precision) {

  public Compute {
    if (!device.matches("cpu|gpu(:\\d+)?")) {
      throw InvalidInputException.of("device", device, "cpu, gpu or gpu:N");
    }
    if (threads < 1) {
      throw InvalidInputException.of("threads", threads, ">= 1");
    }
  }

  /** The CPU with {@code threads} threads an operation and exact products. */
  public static Compute cpu(int threads) {
    return new Compute("cpu", threads, Precision.EXACT);
  }

  /** The same with another precision. */
  public Compute with(Precision other) {
    return new Compute(device, threads, other);
  }

  /** A manager of the device that the caller owns and closes. */
  NDManager newManager() {
    Djl.quiet();
    Device wanted = Device.fromName(device.equals("gpu") ? "gpu0" : device.replace(":", ""));
    if (wanted.isGpu() && Engine.getInstance().getGpuCount() <= wanted.getDeviceId()) {
      throw InvalidInputException.of(
          "device", device, "at most " + Engine.getInstance().getGpuCount() + " GPUs are here");
    }
    return NDManager.newBaseManager(wanted, "PyTorch");
  }
}
