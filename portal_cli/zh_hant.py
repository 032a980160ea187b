"""The client's sentences in Traditional Chinese, as they are said in Taiwan."""

ZH_HANT: dict[str, str] = {
    ".": "。",
    "A file could upset your terminal. Send it to a file or a pipe.": (
        "檔案內容可能會擾亂您的終端機。請將它輸出到檔案或管線。"
    ),
    "A response is due before that.": "回應期限早於此時間。",
    "A translator is to join calls.": "通話時需要翻譯人員。",
    "Acts for": "代表",
    "Address of the portal": "入口網站的網址",
    "All, page by page.": "逐頁列出全部。",
    "Another part of the queue, such as senior.": "佇列的其他部分，例如 senior。",
    "Answer with JSON.": "以 JSON 回答。",
    "As in 2026-11-24T09:00:00+08:00.": "例如 2026-11-24T09:00:00+08:00。",
    "As in en or zh-Hant.": "例如 en 或 zh-Hant。",
    "As in technical.configuration; codes: portal catalogue.": (
        "例如 technical.configuration；代碼請見 portal catalogue。"
    ),
    "Asked for": "主張",
    "Assignee": "負責人",
    "At": "時間",
    "Attach a file; may be given more than once.": "附加檔案；可以重複使用。",
    "Attach files to a request.": "將檔案附加到要求。",
    "Attached {name}.": "已附加 {name}。",
    "Attention": "需要處理的時間",
    "Beyond support": "超出支援範圍",
    "Can be reopened until": "可重新開啟至",
    "Category": "類別",
    "Change the severity, with a reason; customers need elevated support.": (
        "變更嚴重度並說明原因；客戶需要提升支援。"
    ),
    "Close a request: solved, or withdrawn; support staff have more resolutions.": (
        "關閉要求：solved (已解決) 或 withdrawn (撤回)；支援人員另有其他解決結果。"
    ),
    "Closed": "已關閉",
    "Closed, and can still be reopened.": "已關閉，但仍可重新開啟。",
    "Code": "代碼",
    "Commands": "命令",
    "Dispute the severity: say which is right, and what the impact on the business is.": (
        "對嚴重度提出異議：說明正確的嚴重度，以及對業務的影響。"
    ),
    "Download files of a request, by their ids or all of them.": "依識別碼下載要求的檔案，或全部下載。",
    "Engineers may look at diagnostic data.": "允許工程師查看診斷資料。",
    "Expires": "到期",
    "FIELD": "欄位",
    "FILE…": "檔案…",
    "FOLDER": "資料夾",
    "File a request that goes on with an archived one.": "提交延續已封存要求的後續要求。",
    "File a request. What is missing is asked for; the text is written in your editor.": (
        "提交要求。缺少的項目會逐一詢問；內文在您的編輯器中撰寫。"
    ),
    "File it?": "要提交嗎？",
    "File service requests with support, follow them and answer.": "向支援提交服務要求、追蹤並回覆。",
    "File without asking whether it is right.": "不再確認，直接提交。",
    "Filed as {number}.": "已提交，編號為 {number}。",
    "Follow a request: what happens, and the time left until the promised response.": (
        "追蹤要求：發生了什麼，以及距離承諾的回應還有多久。"
    ),
    "Follows up": "延續自",
    "For engineers: show the request to take next, and why; with --take, take it.": (
        "工程師專用：顯示下一個該接手的要求及原因；加上 --take 則直接接手。"
    ),
    "For engineers: take a request.": "工程師專用：接手要求。",
    "For engineers: what is owed next, in its order.": "工程師專用：依序列出接下來該處理的要求。",
    "For support staff: how they speak.": "支援人員專用：訊息的種類。",
    "Forget the token that is kept here. It stays valid; revoke it in the portal.": (
        "刪除保存在這裡的權杖。權杖本身仍然有效；請在入口網站撤銷。"
    ),
    "Give the portal's address, such as https://support.example.com": (
        "請提供入口網站的網址，例如 https://support.example.com"
    ),
    "Go on where an earlier list ended (it says so).": "從先前清單結束的地方繼續 (清單結束時會提示)。",
    "How long to go on trying while the portal is busy or away; else 60.": (
        "入口網站忙碌或無法連線時，持續重試多久；預設 60。"
    ),
    "How many at most; else 25.": "最多幾筆；預設 25。",
    "INSTANT": "時間點",
    "Idempotency key, to repeat a call that had no answer.": "等冪性金鑰，用於重送沒有得到回答的呼叫。",
    "It is critical and has no phone number. Add one in the portal.": (
        "這是重大要求，但沒有電話號碼。請在入口網站補上。"
    ),
    "It is critical: add a phone number with --phone.": "這是重大要求：請用 --phone 提供電話號碼。",
    "It only tries the integration.": "只是測試整合。",
    "Keep a token. It is asked for or piped in, checked, and readable by you alone.": (
        "保存權杖。權杖由您輸入或經由管線提供，先經檢查，而且只有您能讀取。"
    ),
    "Language": "語言",
    "List requests, the newest first. Without a filter: what is open or can be reopened.": (
        "列出要求，最新的在最前面。沒有篩選條件時：開啟中或仍可重新開啟的要求。"
    ),
    "List the codes that other commands take, in words.": "列出其他命令所用的代碼及其說明。",
    "May be given more than once.": "可以重複使用。",
    "May help": "可能有幫助",
    "Name": "名稱",
    "Not closed; or closed or archived.": "未關閉；或已關閉或已封存。",
    "Nothing is owed. Well done.": "沒有待處理的要求。做得好。",
    "Number": "編號",
    "Number (Enter: not known)": "編號 (直接按 Enter：不清楚)",
    "Of the words; else that of LANG.": "顯示的語言；預設依 LANG。",
    "Of this category.": "屬於此類別。",
    "Of this service.": "屬於此服務。",
    "One file at a time can go to the pipe: name its id.": "一次只能輸出一個檔案到管線：請指定其識別碼。",
    "One line.": "一行文字。",
    "Opened": "開啟時間",
    "Opened after that.": "在此時間之後開啟。",
    "Options": "選項",
    "Part": "部分",
    "Portal": "入口網站",
    "Print what completes commands in a shell. For example: portal completion bash >> ~/.bashrc": (
        "輸出殼層的命令自動完成指令碼。例如：portal completion bash >> ~/.bashrc"
    ),
    "Promise": "承諾",
    "Put a closed request back to work, within 14 days.": "在 14 天內重新開啟已關閉的要求。",
    "Read the text from a file; - is standard input.": "從檔案讀取文字；- 代表標準輸入。",
    "Replace files that are there.": "取代已存在的檔案。",
    "Request id: {id}": "要求識別碼：{id}",
    "Resolution": "解決結果",
    "Response": "回應",
    "Roles": "角色",
    "SECONDS": "秒數",
    "Scopes": "範圍",
    "Seconds between looks; else 10.": "每次查看間隔的秒數；預設 10。",
    "Service": "服務",
    "Severity": "嚴重度",
    "Show a request with its conversation.": "顯示要求及其對話。",
    "Show severity, response time and help for a request, and file nothing.": (
        "顯示要求的嚴重度、回應時間和說明，但不提交。"
    ),
    "Show the version and end.": "顯示版本後結束。",
    "Show this and end.": "顯示此說明後結束。",
    "Show what would come of it, and file nothing.": "顯示會有什麼結果，但不提交。",
    "Show who you are, whom you act for, and what your token may do.": ("顯示您是誰、代表誰，以及權杖可以做什麼。"),
    "Signed in at {address} as {name}.": "已以 {name} 的身分登入 {address}。",
    "Signed out. The token stays valid until you revoke it in the portal.": (
        "已登出。在您於入口網站撤銷之前，權杖仍然有效。"
    ),
    "State": "狀態",
    "Subject": "主旨",
    "Subscription": "訂閱",
    "Take it; where somebody is faster, the one after it.": "接手；如果別人搶先，就接手下一個。",
    "That is no token: it begins with sp_ and has neither spaces nor lines.": (
        "這不是權杖：權杖以 sp_ 開頭，不含空格或換行。"
    ),
    "The portal": "入口網站",
    "The portal answered with {status}.": "入口網站回答 {status}。",
    "The portal at {address} does not answer. Try again later.": ("位於 {address} 的入口網站沒有回應。請稍後再試。"),
    "The request has no file {id}.": "這個要求沒有檔案 {id}。",
    "The text; else --message-file, a pipe or the editor.": "內文；否則使用 --message-file、管線或編輯器。",
    "There are more: --cursor {cursor}": "還有更多：--cursor {cursor}",
    "There are no such requests.": "沒有這樣的要求。",
    "There is no option {name}.": "沒有 {name} 這個選項。",
    "There is no text. Give one with {option}, or pipe it in.": ("沒有內文。請用 {option} 提供，或經由管線輸入。"),
    "There is nothing to take.": "沒有可接手的要求。",
    "To repeat it without doing it twice, add: --key {key}": "若要重送而不重複執行，請加上：--key {key}",
    "Token": "權杖",
    "Usage: ": "用法：",
    "Use https: over http others could read your token.": "請使用 https：透過 http，他人可能讀到您的權杖。",
    "Waiting {seconds} s, then trying again …": "等候 {seconds} 秒後再試 …",
    "What answers at this address is not the portal. Check the address.": ("此網址回應的不是入口網站。請檢查網址。"),
    "When to call back.": "何時回電。",
    "When to end; else once it is closed.": "何時結束；預設在要求關閉時。",
    "Where to call; needed when it is critical.": "回電號碼；重大要求必須提供。",
    "Where to; - writes one file to the pipe.": "存放位置；- 會將單一檔案輸出到管線。",
    "Whether the promised response is or was overdue.": "承諾的回應是否已逾期。",
    "Which portal; else PORTAL_URL.": "哪一個入口網站；預設為 PORTAL_URL。",
    "Which service it is about.": "與哪一項服務有關。",
    "Which subscription it is about.": "與哪一個訂閱有關。",
    "Which topic of the category.": "該類別的哪一個主題。",
    "Why": "原因",
    "Will be closed without an answer": "若未答覆，關閉時間",
    "With duplicate: the original.": "與 duplicate 併用：原始要求。",
    "With elevated support only.": "僅限提升支援。",
    "With everything that happened to it.": "包含發生過的所有事件。",
    "With out_of_scope.": "與 out_of_scope 併用。",
    "With what counted for the severity and the promise.": "包含決定嚴重度和承諾的依據。",
    "Works on it": "服務時間",
    "Write on a request: --message, a file, a pipe, or your editor.": (
        "在要求中撰寫訊息：--message、檔案、管線或您的編輯器。"
    ),
    "You are not signed in. Run: portal sign-in": "您尚未登入。請執行：portal sign-in",
    "[ID…]": "[識別碼…]",
    "[PART]": "[部分]",
    "[WORDS]": "[字詞]",
    "a number looks like SR-123456789.": "編號的格式如 SR-123456789。",
    "no response is owed": "目前不需回應",
    "nobody; for support staff also me, or an id.": "nobody；支援人員也可用 me 或識別碼。",
    "overdue by {time}": "已逾期 {time}",
    "solved unless said otherwise.": "預設為 solved。",
    "{count} of the files could not be attached.": "有 {count} 個檔案無法附加。",
    "{name} arrived damaged. Download it again.": "{name} 在下載時損毀。請重新下載。",
    "{name} is missing.": "缺少 {name}。",
    "{name} is not right: {why}": "{name} 不正確：{why}",
    "{name} is one of: {choices}": "{name} 必須是下列其中之一：{choices}",
    "{path} is no folder.": "{path} 不是資料夾。",
    "{path} is there already. Say --force to replace it.": "{path} 已經存在。加上 --force 可取代。",
    "{time} left": "還剩 {time}",
}
