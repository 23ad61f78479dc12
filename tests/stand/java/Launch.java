import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.List;
import java.util.Set;
import org.h2.mvstore.MVStore;

/** Serves MongoDB's protocol: Launch PORT FILE. Every write that was answered is in the file. */
public class Launch {
    static final Set<String> WRITES = Set.of("insert", "update", "delete", "findAndModify", "findandmodify",
        "create", "createIndexes", "drop", "dropDatabase", "dropIndexes", "renameCollection");

    public static void main(String[] arguments) throws Exception {
        H2Backend backend = new Committing(arguments[1]);
        // What drivers of today agree to talk to.
        backend.version(new MongoVersion() {
            public List<Integer> getVersionArray() { return List.of(7, 0, 0); }
            public int getWireVersion() { return 21; }
        });
        new MongoServer(backend).bind("127.0.0.1", Integer.parseInt(arguments[0]));
    }

    /**
     * Without a commit, a second of answered writes goes with the process. Writes follow one another, and nothing else
     * commits: a write is several changes of the file, and a commit among them would keep half of it after a kill.
     */
    static class Committing extends H2Backend {
        Committing(String file) { super(new MVStore.Builder().fileName(file).autoCommitDisabled().open()); }

        @Override public Document handleMessage(MongoMessage message) {
            if (message.getDocument().keySet().stream().noneMatch(WRITES::contains)) {
                return super.handleMessage(message);
            }
            synchronized (this) {
                Document answer = super.handleMessage(message);
                commit();
                return answer;
            }
        }
    }
}
