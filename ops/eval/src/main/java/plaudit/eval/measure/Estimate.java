package plaudit.eval.measure;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A number measured on a sample, with its 95 % interval.
 *
 * @param mean what was measured
 * @param low lower end of the interval
 * @param high upper end
 */
public record Estimate(@JsonProperty("value") double mean, double low, double high) {}
