package plaudit.lab.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.language.RateSweep;
import plaudit.language.SupervisedCheckpoint;

/**
 * What a supervised job goes on from after a stop.
 *
 * <pre>
 * sweep.json                what came of the rates that are done, and of the untouched model
 * checkpoint.safetensors    the training in progress
 * best.safetensors          the best model so far
 * </pre>
 *
 * <p>They are written in an order that lets a job die between any two: a checkpoint of a rate that
 * is done is of no interest, and the best model is written again where its rate is not done.
 */
record SftState(Path dir) {

  SupervisedCheckpoint checkpoint() {
    return new SupervisedCheckpoint(dir.resolve("checkpoint.safetensors"));
  }

  SupervisedCheckpoint best() {
    return new SupervisedCheckpoint(dir.resolve("best.safetensors"));
  }

  private Path results() {
    return dir.resolve("sweep.json");
  }

  /** The loss of the untouched model, if it was measured. */
  OptionalDouble untouched() {
    JsonNode found = read().path("untouched");
    return found.isNumber() ? OptionalDouble.of(found.doubleValue()) : OptionalDouble.empty();
  }

  /** {@code planned} with the results that are there; refuses results of other rates. */
  RateSweep sweep(RateSweep planned) {
    RateSweep sweep = planned;
    for (JsonNode result : read().path("results")) {
      double rate = result.path("rate").asDouble();
      if (sweep.next().filter(next -> next == rate).isEmpty()) {
        throw InvalidInputException.of(
            results() + ": learning rate", rate, "one of " + planned.rates());
      }
      sweep = sweep.with(result.path("loss").asDouble(Double.NaN));
    }
    return sweep;
  }

  void write(double untouched, RateSweep sweep) {
    ObjectNode root = JsonFiles.newObject().put("untouched", untouched);
    ArrayNode results = root.putArray("results");
    for (RateSweep.Result result : sweep.results()) {
      ObjectNode one = results.addObject().put("rate", result.rate());
      if (Double.isFinite(result.loss())) {
        one.put("loss", result.loss());
      } else {
        one.put("loss", "diverged");
      }
    }
    AtomicFile.write(results(), root.toPrettyString());
  }

  /** The weights are in the model now. */
  void deleteWeights() {
    for (SupervisedCheckpoint one : List.of(checkpoint(), best())) {
      try {
        Files.deleteIfExists(one.file());
      } catch (IOException e) {
        throw new UncheckedIOException("cannot delete " + one.file(), e);
      }
    }
  }

  private JsonNode read() {
    if (!Files.exists(results())) {
      return JsonFiles.newObject();
    }
    return JsonFiles.readObject(results());
  }
}
