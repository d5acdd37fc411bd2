"""A person logs in, is known by a cookie that no script reads, must show the csrf token, and logs
out, here or everywhere. Wrong passwords lock the name for a while."""

from house import holds, same
from web_house import PASSWORD, run_web

DONE = {"notice_id": "01900000-0000-7000-8000-000000000001"}


def a_cookie_is_kept_from_scripts(web):
    person = web.client()
    answer = person.login()
    same(answer.status, 200, "the log-in")
    cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
        holds(part in cookie, f"the cookie is {part}")
    holds("Secure" not in cookie, "in clear no cookie that a browser would not send")
    said = person.good("session")
    same((said["user"], said["role"]), ("duty", "practitioner"), "who I am")
    holds("feed" in said["may"] and "submit:alert" in said["may"], "what I may")
    holds("clock" not in said["may"], "what I may not")
    return person


def a_forged_request_is_refused(web, person):
    cookie = {"Cookie": person.headers["Cookie"]}
    bare = web.client(headers=cookie)
    same(bare.get("status").status, 200, "to read, the cookie is enough")
    same(bare.post("done", DONE).rule, "csrf", "without the token")
    same(bare.post("done", DONE, headers={"X-Kith-CSRF": "0" * 64}).rule, "csrf", "with another")
    same(person.post("done", DONE).status, 404, "with it, the agent is asked")
    for headers in ({"Origin": "http://other.example"}, {"Origin": "null"},
                    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        same(person.post("done", DONE, headers=headers).rule, "origin", f"from {headers}")
    own = {"Origin": "http://{}:{}".format(*web.address), "Sec-Fetch-Site": "same-origin"}
    same(person.post("done", DONE, headers=own).status, 404, "from our own page")
    login = web.client().post("session", {"user": "duty", "password": PASSWORD},
                              headers={"Origin": "http://other.example"})
    same(login.rule, "origin", "nobody else logs a person in")


def it_ends(web, person):
    other = web.client()
    other.login()
    same(person.ask("DELETE", "session").status, 204, "log-out")
    same(person.get("status").status, 401, "after it")
    same(other.get("status").status, 200, "another browser stays in")
    third = web.client()
    third.login()
    same(other.ask("DELETE", "sessions").status, 204, "log-out everywhere")
    same([one.get("status").status for one in (other, third)], [401, 401], "everywhere")
    fourth = web.client()
    fourth.login()
    web.password(text="another fictional password")
    same(fourth.get("status").status, 401, "a new password ends what the old one began")
    web.password()


def guessing_is_stopped(web):
    for _ in range(3):
        answer = web.client().login(password="wrong but long enough")
        same((answer.status, answer.rule), (401, "login"), "a wrong password")
        same(web.client().login(user="nobody").json["detail"], answer.json["detail"],
             "an unknown name is told the same")
    for user in ("duty", "nobody"):
        answer = web.client().login(user=user)
        same((answer.status, answer.rule), (429, "locked"), f"{user} is locked out")
        holds(int(answer.headers["Retry-After"]) > 30, "for how long")
    codes = [web.client().login(user="nobody").status for _ in range(40)]
    same(web.client().login().rule, "rate", "from one address only so often")
    holds(429 in codes, "and that is said")


def roles_hold(web):
    reader, records = (web.client(web.token(user)) for user in ("night", "records"))
    same(reader.get("feed").status, 200, "a reader reads")
    same(reader.post("done", DONE).rule, "role", "and changes nothing")
    same(records.get("feed").rule, "role", "a program sees what it needs")
    same(records.post("submit", {"draft": {"alert": {}}}, "k").rule, "role", "and sends its kind")
    token = web.token("records")
    same(web.client(token).get("status").status, 200, "a token")
    web.must("token", "remove", token.split("_")[1])
    same(web.client(token).get("status").status, 401, "that was taken away")


def behaviour(house):
    house.open("police")
    limits = "limits = { wrong_passwords = 3; logins_a_minute = 30; };"
    web = house.web("police", more=limits)
    person = a_cookie_is_kept_from_scripts(web)
    a_forged_request_is_refused(web, person)
    it_ends(web, person)
    roles_hold(web)
    guessing_is_stopped(web)
    said = house[web.name].text()
    for event in ("login user=1", "logout user=1", "logout-everywhere user=1",
                  "locked-out user=1", "locked-out user=none"):
        holds(event in said, f"the log has {event}")
    holds("duty" not in said and PASSWORD not in said, "the log names nobody")


run_web(behaviour, agencies=("police",), front_door="police")
