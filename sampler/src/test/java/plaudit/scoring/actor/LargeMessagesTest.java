package plaudit.scoring.actor;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import plaudit.experience.Grant;
import plaudit.experience.OfferReply;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.experience.actor.ExperienceProtocol.Offer;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;
import plaudit.scoring.actor.ScoringProtocol.Reply;
import plaudit.scoring.actor.ScoringProtocol.Score;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;
import plaudit.wire.SendFailure;
import plaudit.wire.WireMessage;

/** Messages between two actor systems over TCP, with the settings of a run's cluster. */
class LargeMessagesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int PROMPTS = 64;
  private static final int LENGTH = 4_096;
  private static final int VOCABULARY = 152_000;

  private final Random random = new Random(7);
  private final ActorTestKit here = system("");
  private final ActorTestKit there = system("");
  private final TestProbe<Object> receiver = there.createTestProbe(Object.class);

  @AfterEach
  void stop() {
    here.shutdownTestKit();
    there.shutdownTestKit();
  }

  /** Queries and responses of 4,096 tokens each, ids of three bytes. */
  @Test
  void whatAGrantOf64TimesFourThousandTokensTakesArrivesWhole() {
    List<Trajectory> trajectories =
        LongStream.range(0, PROMPTS).mapToObj(this::trajectory).toList();
    List<Rollout> rollouts = trajectories.stream().map(Trajectory::rollout).toList();
    List<Prompt> prompts =
        rollouts.stream().map(each -> new Prompt(each.promptId(), each.query())).toList();
    ActorRef<Reply> sampler = here.createTestProbe(Reply.class).getRef();
    ActorRef<OfferReply> scorer = here.createTestProbe(OfferReply.class).getRef();
    Grant grant = new Grant(1, Purpose.POLICY, prompts, 1, Instant.EPOCH);
    assertThat(grant.equals(sent(here, grant))).as("the grant").isTrue();
    Score score = (Score) sent(here, new Score(1, Purpose.POLICY, rollouts, sampler));
    assertThat(rollouts.equals(score.rollouts())).as("what was written").isTrue();
    Offer offer = (Offer) sent(here, new Offer(1, trajectories, scorer));
    assertThat(trajectories.equals(offer.trajectories())).as("what was scored").isTrue();
  }

  /** Four questions with four responses, as they are asked and as one label comes back. */
  @Test
  void questionsOfFourThousandTokensArriveWhole() {
    List<Comparison> questions = IntStream.range(0, 4).mapToObj(this::comparison).toList();
    Judgment judgment = new Judgment("q0", "acme", "ann", new Choice.Best(1), Instant.EPOCH);
    ActorRef<LabelStore.AskReply> scorer = here.createTestProbe(LabelStore.AskReply.class).getRef();
    LabelStore.Ask ask = (LabelStore.Ask) sent(here, new LabelStore.Ask(questions, scorer));
    assertThat(questions.equals(ask.comparisons())).as("the questions").isTrue();
    LabelStore.Labels labels =
        new LabelStore.Labels(1, List.of(new Label(2, questions.get(0), judgment)));
    assertThat(labels.equals(sent(here, labels))).as("the label").isTrue();
  }

  /** Those before and behind it arrive in their order. */
  @Test
  void aMessageThatIsTooLargeIsReportedAndTheNextOnesArrive() {
    ActorTestKit narrow = system("plaudit.wire.largest-message = 64 KiB");
    try {
      TestProbe<SendFailure> failures = failures(narrow);
      Grant large =
          new Grant(
              2,
              Purpose.POLICY,
              LongStream.range(0, 8).mapToObj(id -> new Prompt(id, tokens(LENGTH))).toList(),
              1,
              Instant.EPOCH);
      assertThat(sent(narrow, new OfferReply.Accepted(1))).isNotNull();
      far(narrow).tell(large);
      assertThat(failures.receiveMessage(PATIENCE).reason())
          .matches(
              "plaudit.wire.largest-message: Grant of 98\\d{3} bytes"
                  + " \\(expected: at most 65\\d{3}\\)");
      assertThat(sent(narrow, new OfferReply.Accepted(3))).isEqualTo(new OfferReply.Accepted(3));
    } finally {
      narrow.shutdownTestKit();
    }
  }

  @Test
  void aMessageThatNobodyCanEncodeIsReported() {
    record Stranger() implements WireMessage {}
    TestProbe<SendFailure> failures = failures(here);
    far(here).tell(new Stranger());
    assertThat(failures.receiveMessage(PATIENCE).reason())
        .contains("Stranger (expected: in a codec under plaudit.wire.codecs)");
  }

  private Object sent(ActorTestKit from, WireMessage message) {
    far(from).tell(message);
    return receiver.receiveMessage(PATIENCE);
  }

  /** The receiver as {@code from} reaches it. */
  private ActorRef<Object> far(ActorTestKit from) {
    String address = ActorRefResolver.get(there.system()).toSerializationFormat(receiver.getRef());
    return ActorRefResolver.get(from.system()).resolveActorRef(address);
  }

  private static TestProbe<SendFailure> failures(ActorTestKit kit) {
    TestProbe<SendFailure> probe = kit.createTestProbe(SendFailure.class);
    kit.system().eventStream().tell(new EventStream.Subscribe<>(SendFailure.class, probe.getRef()));
    return probe;
  }

  private Trajectory trajectory(long prompt) {
    Rollout rollout =
        new Rollout(prompt, 0, tokens(LENGTH), tokens(LENGTH), numbers(), numbers(), 1L << 40);
    return new Trajectory(rollout, numbers(), 1.5f, true, 3);
  }

  private Comparison comparison(int id) {
    List<Comparison.Sample> samples =
        Stream.generate(() -> new Comparison.Sample(tokens(LENGTH), text(), 2)).limit(4).toList();
    return new Comparison("q" + id, tokens(LENGTH), text(), samples);
  }

  private Tokens tokens(int length) {
    return Tokens.of(random.ints(length, 1 << 14, VOCABULARY).toArray());
  }

  private PerToken numbers() {
    float[] numbers = new float[LENGTH];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextFloat();
    }
    return PerToken.of(numbers);
  }

  private static String text() {
    return "token ".repeat(LENGTH);
  }

  private static ActorTestKit system(String more) {
    Config config =
        ConfigFactory.parseString(
                """
                pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                pekko.loglevel = OFF
                """)
            .withFallback(ConfigFactory.parseString(more))
            .withFallback(ConfigFactory.parseResources("plaudit/pekko.conf"))
            .withFallback(ConfigFactory.defaultReference())
            .resolve();
    return ActorTestKit.create("plaudit", config);
  }
}
