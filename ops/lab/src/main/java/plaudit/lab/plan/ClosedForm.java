package plaudit.lab.plan;

import java.util.EnumMap;
import java.util.Map;
import plaudit.lab.plan.Forecast.Bottleneck;

/**
 * Throughput and mean staleness by formula. With G the life of a grant from its lending to its
 * delivery, T the learner's time for an update, B the batch:
 *
 * <pre>  X = min( samplers' rate, scorers' rate, B / T, people's rate, (eta + 1/2) B / (G + T) )
 * </pre>
 *
 * and with eta = 0, where nothing overlaps, X = B / (time to write a batch + G's scoring + T). The
 * mean staleness is eta where the learner or admission holds the run down (Little's law: the work
 * in progress is fixed), and what is in flight over the batch where the samplers do.
 */
public final class ClosedForm {

  private ClosedForm() {}

  /** The forecast; tails are not known. */
  public static Forecast of(Fleet fleet, Rates rates) {
    double update = rates.update(fleet);
    Map<Bottleneck, Double> limits = limits(fleet, rates);
    Bottleneck bottleneck = Bottleneck.LEARNERS;
    for (Map.Entry<Bottleneck, Double> limit : limits.entrySet()) {
      if (limit.getValue() < limits.getOrDefault(bottleneck, 0.0)) {
        bottleneck = limit.getKey();
      }
    }
    double rate = limits.getOrDefault(bottleneck, 0.0);
    return new Forecast(
        rate,
        staleness(fleet, rates, bottleneck, rate),
        Double.NaN,
        Double.NaN,
        0,
        idle(rate, fleet.samplers() * fleet.grant() / rates.generation()),
        rates.scoring() == 0 ? 1 : idle(rate, fleet.scorers() * fleet.grant() / rates.scoring()),
        idle(rate, fleet.batch() / update),
        bottleneck);
  }

  private static Map<Bottleneck, Double> limits(Fleet fleet, Rates rates) {
    double update = rates.update(fleet);
    double period =
        fleet.unacknowledged() > 1 ? rates.generation() : rates.generation() + rates.scoring();
    Map<Bottleneck, Double> limits = new EnumMap<>(Bottleneck.class);
    limits.put(Bottleneck.SAMPLERS, samplers(fleet, rates, period));
    limits.put(
        Bottleneck.SCORERS,
        rates.scoring() == 0
            ? Double.POSITIVE_INFINITY
            : fleet.scorers() * fleet.grant() / rates.scoring());
    limits.put(Bottleneck.LEARNERS, fleet.batch() / update);
    limits.put(
        Bottleneck.LABELERS,
        fleet.labelers() == 0 || rates.labeling() * rates.labelsPerEpisode() == 0
            ? Double.POSITIVE_INFINITY
            : fleet.labelers() / (rates.labeling() * rates.labelsPerEpisode()));
    limits.put(Bottleneck.ADMISSION, admission(fleet, rates, period, update));
    return limits;
  }

  /**
   * Each version costs each sampler a loading, but no more than one between two grants: X = S / (1
   * + S L / B), where S is what they write when they load nothing.
   */
  private static double samplers(Fleet fleet, Rates rates, double period) {
    double writing = fleet.samplers() * fleet.grant() / period;
    double eachVersion = writing / (1 + writing * rates.loading() / fleet.batch());
    double eachGrant = fleet.samplers() * fleet.grant() / (period + rates.loading());
    return Math.max(eachVersion, eachGrant);
  }

  private static double admission(Fleet fleet, Rates rates, double period, double update) {
    if (fleet.eta() > 0) {
      double life = rates.generation() + rates.scoring() + rates.loading();
      return (fleet.eta() + 0.5) * fleet.batch() / (life + update);
    }
    double grants = Math.ceil((double) fleet.batch() / fleet.grant());
    double rounds = Math.ceil(grants / fleet.samplers());
    double writing = (rounds - 1) * period + rates.generation() + rates.scoring();
    return fleet.batch() / (writing + rates.loading() + update);
  }

  private static double staleness(Fleet fleet, Rates rates, Bottleneck bottleneck, double rate) {
    if (fleet.eta() == 0) {
      return 0;
    }
    if (bottleneck == Bottleneck.LEARNERS || bottleneck == Bottleneck.ADMISSION) {
      return fleet.eta();
    }
    double inFlight = rate * (rates.generation() + rates.scoring());
    double served = inFlight / fleet.batch() + rate * rates.update(fleet) / fleet.batch();
    return Math.max(0, Math.min(fleet.eta(), served - 1 / (2.0 * fleet.batch())));
  }

  private static double idle(double rate, double capacity) {
    return Math.max(0, 1 - rate / capacity);
  }
}
